// One registry of shortcuts feeds the keys and the sheet behind "?". Any link or button takes part
// by data-keys="g m"; modules register the rest. Keys without a modifier rest while somebody
// types, and everywhere under <html data-shortcuts="off"> (WCAG 2.1.4).

export interface Shortcut {
  keys: string;
  label: string;
  group: string;
  run: () => void;
  /** A shortcut that cannot act here stays silent and off the sheet. */
  when?: () => boolean;
}

const registered: Shortcut[] = [];
const PAUSE_MS = 1000;
let prefix = "";
let prefixTimer = 0;

export function register(...shortcuts: Shortcut[]): void {
  registered.push(...shortcuts);
}

export function startShortcuts(): void {
  register(
    { keys: "?", label: "Show the shortcuts", group: "Everywhere", run: showSheet },
    {
      keys: "/",
      label: "Search",
      group: "Everywhere",
      run: () => searchField()?.focus(),
      when: () => searchField() !== null,
    },
  );
  document.addEventListener("keydown", press);
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-shows-shortcuts]")) showSheet();
  });
}

export const typing = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.matches(
    "textarea, select, [contenteditable]," +
      "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file])",
  );

// The list's own search where there is one, else that of the top bar, which stands first.
const searchField = (): HTMLInputElement | null =>
  document.querySelector<HTMLInputElement>(".filter-bar input[type=search]") ??
  document.querySelector<HTMLInputElement>(".search input[type=search]");

function all(): Shortcut[] {
  // What stands in a hidden bar or a closed dialog cannot act yet.
  const marked = [...document.querySelectorAll<HTMLElement>("[data-keys]")]
    .filter((element) => !element.closest("[hidden], dialog:not([open])"))
    .map((element) => ({
      keys: element.dataset["keys"]!,
      label: element.dataset["keysLabel"] ?? element.getAttribute("aria-label") ?? element.innerText.trim(),
      group: element.dataset["keysGroup"] ?? "This page",
      run: () => element.click(),
    }));
  return [...registered.filter((shortcut) => shortcut.when?.() ?? true), ...marked];
}

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.repeat && event.key.length > 1) return;
  if (event.isComposing || event.altKey || typing(event.target)) return;
  const modified = event.ctrlKey || event.metaKey;
  if (!modified && document.documentElement.dataset["shortcuts"] === "off") return;
  if (document.querySelector("dialog:modal, .menu:popover-open")) return;
  const found = lookUp(spelled(event, modified));
  if (!found) return;
  event.preventDefault();
  found.run();
}

function spelled(event: KeyboardEvent, modified: boolean): string {
  const shift = event.shiftKey && /^[a-z]$/i.test(event.key) ? "Shift+" : "";
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return (modified ? "Ctrl+" : "") + shift + key;
}

function lookUp(key: string): Shortcut | undefined {
  const shortcuts = all();
  const wanted = prefix + key;
  clearTimeout(prefixTimer);
  prefix = "";
  const found = shortcuts.find(({ keys }) => keys === wanted) ?? shortcuts.find(({ keys }) => keys === key);
  if (!found && shortcuts.some(({ keys }) => keys.startsWith(`${key} `))) {
    prefix = `${key} `;
    prefixTimer = window.setTimeout(() => (prefix = ""), PAUSE_MS);
  }
  return found;
}

function showSheet(): void {
  const sheet = document.querySelector<HTMLDialogElement>("#shortcut-sheet");
  const list = sheet?.querySelector(".shortcuts");
  if (!sheet || !list || sheet.open) return;
  const groups = Map.groupBy(all(), ({ group }) => group);
  list.replaceChildren(...[...groups].flatMap(([group, shortcuts]) => rowsOf(group, shortcuts)));
  sheet.showModal();
}

function rowsOf(group: string, shortcuts: Shortcut[]): HTMLElement[] {
  const heading = document.createElement("h3");
  heading.textContent = group;
  const rows = shortcuts.map(({ keys, label }) => {
    const row = document.createElement("div");
    const name = document.createElement("span");
    name.textContent = label;
    const caps = document.createElement("span");
    for (const key of keys.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      caps.append(cap, " ");
    }
    row.append(name, caps);
    return row;
  });
  return [heading, ...rows];
}
