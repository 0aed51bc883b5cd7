// A value of a list changed in place: F2, a double click or the cell's pencil opens it, Enter keeps
// it, Escape restores it, Tab goes on to the next. What was typed shows at once and goes back when
// the server refuses it; where somebody else was faster, both values are offered.
import { register } from "./shortcuts";
import { refusalIn } from "./swaps";
import { announce, toast } from "./toasts";
import { say } from "./words";

const CELL = ".table [data-edit]";

interface Answer {
  told: string;
  version?: number;
  value?: string;
  shown?: string;
}

export function startEditing(): void {
  register({
    keys: "F2", label: say("Change the value"), group: say("Lists"), byKeyOnly: true,
    when: () => wanted() !== null,
    run: () => open(wanted()),
  });
  document.addEventListener("dblclick", (event) => {
    const hit = event.target as Element;
    if (!hit.closest("a, button, input")) open(hit.closest<HTMLElement>(CELL));
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-edit-cell]");
    if (button) open(button.closest<HTMLElement>(CELL));
  });
}

/** The cell that has the focus, else the first of the row that has it. */
const wanted = (): HTMLElement | null =>
  document.activeElement?.closest<HTMLElement>(CELL) ??
  document.querySelector<HTMLElement>(`.table tr[aria-current="true"] [data-edit]`);

const rowOf = (cell: HTMLElement): HTMLTableRowElement => cell.closest("tr")!;

const copyOf = (id: string): HTMLElement =>
  document.querySelector<HTMLTemplateElement>(id)!.content.firstElementChild!.cloneNode(true) as HTMLElement;

function open(cell: HTMLElement | null, words = cell?.dataset["edit"], fault = ""): void {
  if (!cell || cell.querySelector(".cell-editor")) return;
  closeConflict(cell);
  const editor = copyOf("#cell-editor");
  const field = editor.querySelector("input")!;
  field.value = words ?? "";
  field.setAttribute("aria-label", cell.dataset["label"] ?? "");
  if (fault) tellFault(editor, field, fault);
  cell.classList.add("editing");
  cell.append(editor);
  field.addEventListener("keydown", (event) => keyed(event, cell, field));
  field.addEventListener("blur", () => leave(cell, field));
  field.focus();
  field.select();
}

function tellFault(editor: HTMLElement, field: HTMLInputElement, fault: string): void {
  const told = editor.querySelector<HTMLElement>(".fault")!;
  told.querySelector("[data-text]")!.textContent = fault;
  told.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", told.id);
}

function keyed(event: KeyboardEvent, cell: HTMLElement, field: HTMLInputElement): void {
  if (event.isComposing) return;
  if (event.key === "Enter") keep(cell, field);
  else if (event.key === "Escape") close(cell);
  else if (event.key === "Tab") {
    const cells = [...rowOf(cell).querySelectorAll<HTMLElement>("[data-edit]")];
    const next = cells[cells.indexOf(cell) + (event.shiftKey ? -1 : 1)];
    if (!next) return;
    keep(cell, field);
    open(next);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

// Who clicks elsewhere means what they typed; a closed editor loses the focus too, and says nothing.
function leave(cell: HTMLElement, field: HTMLInputElement): void {
  if (!cell.classList.contains("editing") || !document.hasFocus()) return;
  const words = field.value;
  close(cell, false);
  void save(cell, words);
}

function keep(cell: HTMLElement, field: HTMLInputElement): void {
  const words = field.value;
  close(cell);
  void save(cell, words);
}

function close(cell: HTMLElement, focusRow = true): void {
  const row = rowOf(cell);
  cell.classList.remove("editing");
  if (focusRow) {
    row.tabIndex = -1;
    row.focus();
  }
  cell.querySelector(".cell-editor")?.remove();
}

const show = (cell: HTMLElement, words: string): void => {
  cell.querySelector("[data-shown]")!.textContent = words;
};

async function save(cell: HTMLElement, words: string, anyway = false): Promise<void> {
  const row = rowOf(cell);
  const was = cell.dataset["edit"] ?? "";
  const shown = cell.querySelector("[data-shown]")!.textContent ?? "";
  if (words.trim() === was && !anyway) return;
  show(cell, words.trim() || "–");
  cell.setAttribute("aria-busy", "true");
  let answer: Response;
  try {
    answer = await fetch(`${row.dataset["href"]}/cell`, {
      method: "POST",
      headers: { "If-Match": `"${row.dataset["version"]}"`, Accept: "application/json" },
      body: new URLSearchParams({ column: cell.dataset["column"] ?? "", value: words, was }),
      keepalive: true,
    });
  } catch {
    show(cell, shown);
    toast(say("No connection. Nothing was changed; try again in a moment."), { tone: "bad" });
    return;
  } finally {
    cell.removeAttribute("aria-busy");
  }
  await settle(cell, words, shown, answer);
}

async function settle(cell: HTMLElement, words: string, before: string, answer: Response): Promise<void> {
  if (answer.status === 401) return location.reload();
  if (answer.headers.get("Content-Type") !== "application/json") {
    show(cell, before);
    return toast(refusalIn(await answer.text(), answer.status, answer.headers.get("X-Request-Id")), { tone: "bad" });
  }
  const told = (await answer.json()) as Answer;
  if (told.version === undefined) {
    show(cell, before);
    if (document.querySelector(".cell-editor")) toast(told.told, { tone: "bad" });
    else open(cell, words, told.told);
    return;
  }
  const row = rowOf(cell);
  row.dataset["version"] = String(Math.max(told.version, Number(row.dataset["version"])));
  cell.dataset["edit"] = told.value ?? "";
  show(cell, told.shown ?? "");
  if (answer.ok) announce(told.told);
  else offerBoth(cell, words, told.told);
}

function offerBoth(cell: HTMLElement, mine: string, told: string): void {
  closeConflict(cell);
  const panel = copyOf("#cell-conflict");
  panel.querySelector("[data-text]")!.textContent = told;
  const [theirs, ours] = panel.querySelectorAll("button");
  const keepTheirs = (): void => {
    closeConflict(cell);
    close(cell);
  };
  theirs!.addEventListener("click", keepTheirs);
  ours!.addEventListener("click", () => {
    keepTheirs();
    void save(cell, mine, true);
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    keepTheirs();
  });
  cell.append(panel);
  if (!document.querySelector(".cell-editor")) theirs!.focus();
}

function closeConflict(cell: HTMLElement): void {
  cell.querySelector(".cell-conflict")?.remove();
}
