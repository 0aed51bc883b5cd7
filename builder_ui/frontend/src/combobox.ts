// A text field that asks the server for suggestions. Without scripts it is a text field that
// takes the code itself. The source answers [{value, label, hint?}, …].

interface Suggestion {
  value: string;
  label: string;
  hint?: string;
}

const PAUSE_MS = 200;
const timers = new WeakMap<HTMLInputElement, number>();
const asked = new WeakMap<HTMLInputElement, AbortController>();

export function startCombobox(): void {
  document.addEventListener("input", (event) => {
    const field = fieldOf(event);
    if (!field) return;
    clearTimeout(timers.get(field));
    timers.set(field, window.setTimeout(() => void suggest(field), PAUSE_MS));
  });
  document.addEventListener("keydown", steer);
  document.addEventListener("focusout", (event) => {
    const field = fieldOf(event);
    if (field) close(field);
  });
  // Before the blur that a click on an option causes.
  document.addEventListener("pointerdown", (event) => {
    const option = (event.target as Element).closest<HTMLElement>(".listbox [role=option]");
    const list = option?.closest<HTMLElement>(".listbox");
    const field = document.querySelector<HTMLInputElement>(`[aria-controls="${list?.id}"]`);
    if (!option || !field) return;
    event.preventDefault();
    choose(field, option);
  });
}

const fieldOf = (event: Event): HTMLInputElement | null =>
  (event.target as Element).closest?.<HTMLInputElement>("input[role=combobox][data-source]") ?? null;

const listOf = (field: HTMLInputElement): HTMLElement =>
  document.getElementById(field.getAttribute("aria-controls")!)!;

async function suggest(field: HTMLInputElement): Promise<void> {
  asked.get(field)?.abort();
  const asking = new AbortController();
  asked.set(field, asking);
  const address = new URL(field.dataset["source"]!, location.href);
  address.searchParams.set("q", field.value);
  try {
    const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "application/json" } });
    if (answer.ok) show(field, (await answer.json()) as Suggestion[]);
  } catch {
    close(field);
  }
}

function show(field: HTMLInputElement, suggestions: Suggestion[]): void {
  const list = listOf(field);
  list.replaceChildren(...suggestions.map((suggestion, index) => optionFor(list, suggestion, index)));
  if (suggestions.length === 0 || document.activeElement !== field) {
    close(field);
    return;
  }
  list.showPopover();
  const box = field.getBoundingClientRect();
  list.style.left = `${box.left}px`;
  list.style.top = `${box.bottom}px`;
  list.style.minWidth = `${box.width}px`;
  field.setAttribute("aria-expanded", "true");
}

function optionFor(list: HTMLElement, { value, label, hint }: Suggestion, index: number): HTMLElement {
  const option = document.createElement("div");
  option.id = `${list.id}-${index}`;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.dataset["value"] = value;
  option.append(label);
  if (hint) {
    const small = document.createElement("small");
    small.textContent = hint;
    option.append(small);
  }
  return option;
}

function steer(event: KeyboardEvent): void {
  const field = fieldOf(event);
  if (field?.getAttribute("aria-expanded") !== "true") return;
  const options = [...listOf(field).children] as HTMLElement[];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark(field, options, (at + step + options.length) % options.length);
  } else if (event.key === "Enter" && options[at]) {
    event.preventDefault();
    choose(field, options[at]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    close(field);
  }
}

function mark(field: HTMLInputElement, options: HTMLElement[], at: number): void {
  options.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
  options[at]?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", options[at]?.id ?? "");
}

function choose(field: HTMLInputElement, option: HTMLElement): void {
  field.value = option.dataset["value"]!;
  const told = document.getElementById(`${field.id}-chosen`);
  if (told) told.textContent = option.firstChild?.textContent ?? "";
  close(field);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function close(field: HTMLInputElement): void {
  const list = listOf(field);
  if (list.matches(":popover-open")) list.hidePopover();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}
