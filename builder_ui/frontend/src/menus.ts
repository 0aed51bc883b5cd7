// Menus are popovers: opening and Escape are the browser's. Arrows, Home, End and typing are ours.

export function startMenus(): void {
  document.addEventListener("toggle", opened, true);
  document.addEventListener("keydown", move);
  document.addEventListener("click", (event) => {
    const menu = (event.target as Element).closest("[role^=menuitem]")?.closest<HTMLElement>(".menu");
    if (menu?.matches(":popover-open")) menu.hidePopover();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(".tip").forEach((tip) => tip.classList.add("dismissed"));
  });
  document.addEventListener("pointerover", (event) => {
    (event.target as Element).closest(".tip.dismissed")?.classList.remove("dismissed");
  });
}

function opened(event: Event): void {
  const menu = event.target as HTMLElement;
  if (!menu.matches?.("[popover]")) return;
  const open = (event as ToggleEvent).newState === "open";
  const opener = document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(menu.id)}"]`);
  opener?.setAttribute("aria-expanded", String(open));
  if (!open || !menu.classList.contains("menu")) return;
  if (!CSS.supports("position-area", "block-end") && opener) placeBelow(menu, opener);
  choices(menu)[0]?.focus();
}

// Through the object model, which the policy allows; a style attribute it would refuse.
function placeBelow(menu: HTMLElement, opener: HTMLElement): void {
  const box = opener.getBoundingClientRect();
  const left = Math.min(box.left, innerWidth - menu.offsetWidth - 8);
  menu.style.left = `${Math.max(8, left)}px`;
  menu.style.top = `${box.bottom}px`;
}

function choices(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)")];
}

function move(event: KeyboardEvent): void {
  const menu = (event.target as Element).closest<HTMLElement>(".menu:popover-open");
  if (!menu) return;
  const all = choices(menu);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const next = nextChoice(event.key, all, at);
  if (next) {
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  } else if (event.key === "Tab") {
    menu.hidePopover();
  }
}

function nextChoice(key: string, all: HTMLElement[], at: number): HTMLElement | undefined {
  if (key === "ArrowDown") return all[(at + 1) % all.length];
  if (key === "ArrowUp") return all.at((at - 1) % all.length);
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key.length !== 1 || key === " ") return undefined;
  const letter = key.toLowerCase();
  const later = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  return later.find((choice) => choice.textContent?.trim().toLowerCase().startsWith(letter));
}
