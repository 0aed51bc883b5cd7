// One registry of commands feeds the keys, the palette, and the sheet behind "?". Any link or button
// takes part by data-keys="g m", or by data-command where it has no keys; modules register the
// rest. Keys rest while somebody types, and letters and signs without a modifier everywhere under
// <html data-shortcuts="off"> (WCAG 2.1.4).
import { say } from "./words";

export interface Command {
  keys?: string | undefined;
  label: string;
  group: string;
  run: () => void;
  /** A command that cannot act here stays silent, off the sheet and out of the palette. */
  when?: () => boolean;
  /** Worth a key and no line of the palette, such as going to the next row. */
  byKeyOnly?: boolean;
}

export interface Shortcut extends Command {
  keys: string;
}

const registered: Shortcut[] = [];
const PAUSE_MS = 1000;
const MARKED = "[data-keys], [data-command], .page-actions .button:not([popovertarget], [aria-disabled=true])";
let prefix = "";
let prefixTimer = 0;

export function register(...shortcuts: Shortcut[]): void {
  registered.push(...shortcuts);
}

export function startShortcuts(): void {
  register(
    { keys: "?", label: say("Show the shortcuts"), group: say("Everywhere"), run: showSheet },
    {
      keys: "/",
      label: say("Search"),
      group: say("Everywhere"),
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

/** Everything that can be done from here: what modules register, then what stands on the page. */
export function commands(): Command[] {
  // What stands in a hidden bar or a closed dialog cannot act yet.
  const marked = [...document.querySelectorAll<HTMLElement>(MARKED)]
    .filter((element) => !element.closest("[hidden], dialog:not([open])") && !element.matches(":disabled"))
    .map((element) => ({
      keys: element.dataset["keys"],
      label: element.dataset["keysLabel"] ?? element.getAttribute("aria-label") ?? element.innerText.trim(),
      group: element.dataset["keysGroup"] ?? say("This page"),
      run: () => element.click(),
    }));
  return [...registered.filter((command) => command.when?.() ?? true), ...marked];
}

const all = (): Shortcut[] => commands().filter((each): each is Shortcut => each.keys !== undefined);

const lettersAreOff = (): boolean => document.documentElement.dataset["shortcuts"] === "off";

/** Whether keys do anything now: who switched letters off keeps what needs another key held. */
export const works = (keys: string): boolean =>
  !lettersAreOff() || /^(Ctrl\+|Enter$|Escape$|F2$)/.test(keys);

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.repeat && event.key.length > 1) return;
  if (event.isComposing || event.altKey || typing(event.target)) return;
  const modified = event.ctrlKey || event.metaKey;
  const key = spelled(event, modified);
  if (!works(key)) return;
  if (document.querySelector("dialog:modal, :popover-open")) return;
  const found = lookUp(key);
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
  const working = all().filter(({ keys }) => works(keys));
  const groups = Map.groupBy(working, ({ group }) => group);
  list.replaceChildren(...[...groups].flatMap(([group, shortcuts]) => rowsOf(group, shortcuts)));
  sheet.querySelector<HTMLElement>("[data-letters-off]")!.hidden = !lettersAreOff();
  sheet.showModal();
}

function rowsOf(group: string, shortcuts: Shortcut[]): HTMLElement[] {
  const heading = document.createElement("h3");
  heading.textContent = group;
  const rows = shortcuts.map(({ keys, label }) => {
    const row = document.createElement("div");
    const name = document.createElement("span");
    name.textContent = label;
    row.append(name, capsOf(keys));
    return row;
  });
  return [heading, ...rows];
}

/** Return keys as they are drawn on a keyboard. */
export function capsOf(keys: string): HTMLElement {
  const caps = document.createElement("span");
  for (const key of keys.split(" ")) {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    caps.append(cap, " ");
  }
  return caps;
}
