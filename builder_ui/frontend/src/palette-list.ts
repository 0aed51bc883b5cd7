// What the palette holds: commands of this page, filtered at once, and things that the server finds.
import { recentIds } from "./recent";
import { capsOf, commands, works } from "./shortcuts";
import { say, sayOf } from "./words";

interface Thing {
  kind: string;
  title: string;
  note: string;
  href: string;
  state: string;
}

interface Choice {
  label: string;
  group: string;
  note?: string | undefined;
  keys?: string | undefined;
  act: () => void;
}

const PAUSE_MS = 150;
const TOLD_AFTER_MS = 500;
const COMMANDS_MAX = 7;

let dialog: HTMLDialogElement;
let field: HTMLInputElement;
let list: HTMLElement;
let choices: Choice[] = [];
let things: Choice[] = [];
let at = 0;
let askTimer = 0;
let tellTimer = 0;
let asking: AbortController | undefined;

export function fill(palette: HTMLDialogElement): void {
  if (palette !== dialog) attach(palette);
  changed();
}

function attach(palette: HTMLDialogElement): void {
  dialog = palette;
  field = palette.querySelector("input")!;
  list = palette.querySelector<HTMLElement>("[role=listbox]")!;
  field.addEventListener("input", changed);
  field.addEventListener("keydown", steer);
  dialog.addEventListener("close", () => {
    asking?.abort();
    clearTimeout(askTimer);
    clearTimeout(tellTimer);
  });
  // The field keeps the focus while an option is pressed.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = (event.target as Element).closest<HTMLElement>("[role=option]");
    if (option) take(choices[Number(option.dataset["at"])]);
  });
}

function changed(): void {
  asking?.abort();
  clearTimeout(askTimer);
  // What was found for other words must not be opened by a quick Enter.
  things = [];
  at = 0;
  show();
  const words = field.value.trim();
  askTimer = window.setTimeout(() => void ask(words), words ? PAUSE_MS : 0);
}

async function ask(words: string): Promise<void> {
  const source = dialog.dataset["find"];
  const recent = recentIds();
  if (!source || (!words && recent.length === 0)) return;
  asking = new AbortController();
  const query = words ? { q: words } : { recent: recent.join(",") };
  try {
    const address = `${source}?${new URLSearchParams(query)}`;
    const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "application/json" } });
    if (answer.redirected) location.reload();
    else if (answer.ok) found(((await answer.json()) as { found: Thing[] }).found, words);
  } catch {
    // Superseded, or no connection: what can be done without an answer is there.
  }
}

function found(answered: Thing[], words: string): void {
  if (!dialog.open) return;
  things = answered.map(({ kind, title, note, href, state }) => ({
    label: title,
    group: words ? say("Found") : say("Recent"),
    note: [kind, note, state].filter(Boolean).join(" · "),
    act: () => location.assign(href),
  }));
  const chosen = at > 0 ? choices[at]?.label : undefined;
  show();
  const still = choices.findIndex(({ label }) => label === chosen);
  if (still > 0) mark(still);
}

const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function fitting(words: string): Choice[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  const named = commands()
    .filter(({ byKeyOnly }) => !byKeyOnly)
    .map((command) => ({ command, name: fold(command.label) }))
    .filter(({ name }) => wanted.every((word) => name.includes(word)))
    .map(({ command, name }) => ({ command, first: wanted.length > 0 && name.startsWith(wanted[0]!) }));
  const ranked = wanted.length
    ? [...named.filter(({ first }) => first), ...named.filter(({ first }) => !first)].slice(0, COMMANDS_MAX)
    : [...named].sort((one, other) => rank(one.command.group) - rank(other.command.group));
  return ranked.map(({ command: { label, group, keys, run } }) => ({ label, group, keys, act: run }));
}

// With nothing typed: what this page offers, where else to go, then what is the same everywhere.
const FIRST = [say("This page"), say("Lists"), say("Go to")];
const rank = (group: string): number => (FIRST.includes(group) ? FIRST.indexOf(group) : FIRST.length);

function show(): void {
  const words = field.value.trim();
  choices = words ? [...fitting(words), ...things] : [...things, ...fitting("")];
  const search = dialog.dataset["search"];
  if (words && search) {
    const href = `${search}?${new URLSearchParams({ q: words })}`;
    choices.push({ label: say("Search everything for “%(words)s”", { words }), group: say("Search"), act: () => location.assign(href) });
  }
  const groups = Map.groupBy(choices.map((choice, index) => ({ choice, index })), ({ choice }) => choice.group);
  list.replaceChildren(
    ...[...groups].map(([name, members]) => {
      const group = document.createElement("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", name);
      const heading = document.createElement("div");
      heading.className = "palette-group";
      heading.setAttribute("aria-hidden", "true");
      heading.textContent = name;
      group.append(heading, ...members.map(({ choice, index }) => optionFor(choice, index)));
      return group;
    }),
  );
  mark(0);
  clearTimeout(tellTimer);
  tellTimer = window.setTimeout(tell, TOLD_AFTER_MS);
}

function optionFor({ label, note, keys }: Choice, index: number): HTMLElement {
  const option = document.createElement("div");
  option.id = `palette-${index}`;
  option.dataset["at"] = String(index);
  option.setAttribute("role", "option");
  const name = document.createElement("span");
  name.textContent = label;
  option.append(name);
  if (note) {
    const small = document.createElement("small");
    small.textContent = note;
    option.append(small);
  }
  if (keys && works(keys)) {
    const caps = capsOf(keys);
    caps.setAttribute("aria-hidden", "true");
    option.append(caps);
  }
  return option;
}

// Groups may stand in another order than their members were found in: the page's order counts.
const options = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[role=option]")];

function mark(index: number): void {
  at = index;
  for (const option of options()) {
    const chosen = Number(option.dataset["at"]) === index;
    option.setAttribute("aria-selected", String(chosen));
    if (chosen) option.scrollIntoView({ block: "nearest" });
  }
  if (choices.length > 0) field.setAttribute("aria-activedescendant", `palette-${index}`);
  else field.removeAttribute("aria-activedescendant");
}

function steer(event: KeyboardEvent): void {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const shown = options();
    const here = shown.findIndex((option) => Number(option.dataset["at"]) === at);
    const next = shown.at((here + (event.key === "ArrowDown" ? 1 : -1)) % shown.length);
    if (next) mark(Number(next.dataset["at"]));
  } else if (event.key === "Enter") {
    event.preventDefault();
    take(choices[at]);
  }
}

function take(choice: Choice | undefined): void {
  if (!choice) return;
  // First closed, so that the focus is where it was when the command acts.
  dialog.close();
  choice.act();
}

function tell(): void {
  const told = dialog.querySelector("[data-told]")!;
  const known = choices.length - things.length - (field.value.trim() && dialog.dataset["search"] ? 1 : 0);
  const counts = {
    commands: sayOf(known, "%(count)s command", "%(count)s commands"),
    things: sayOf(things.length, "%(count)s thing", "%(count)s things"),
  };
  told.textContent = field.value.trim()
    ? say("%(commands)s, %(things)s found.", counts)
    : say("%(commands)s, %(things)s seen lately.", counts);
}
