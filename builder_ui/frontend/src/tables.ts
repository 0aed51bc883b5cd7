// Lists by keyboard (j k x Shift+x Enter Ctrl+A) and the bar for the rows that are chosen.
import { register } from "./shortcuts";
import { say } from "./words";

const ROWS = ".table[data-rows] tbody tr";
let current: HTMLTableRowElement | null = null;
let rangeStart: HTMLTableRowElement | null = null;
// The row that had the focus before a swap replaced it.
let heldKey: string | undefined;

export function startTables(): void {
  const group = say("Lists");
  const byKeyOnly = true;
  const when = (): boolean => rows().length > 0;
  const choosable = (): boolean => document.querySelector(`${ROWS} .pick input`) !== null;
  register(
    { keys: "j", label: say("Next row"), group, when, run: () => step(1), byKeyOnly },
    { keys: "k", label: say("Previous row"), group, when, run: () => step(-1), byKeyOnly },
    { keys: "Enter", label: say("Open the row"), group, when: onRow, run: openCurrent, byKeyOnly },
    { keys: "x", label: say("Choose the row"), group, when: choosable, run: chooseCurrent, byKeyOnly },
    { keys: "Shift+x", label: say("Choose up to here"), group, when: choosable, run: chooseRange, byKeyOnly },
    { keys: "Ctrl+a", label: say("Choose the page"), group, when: inTable, run: () => chooseAll(true), byKeyOnly },
    { keys: "f", label: say("Filter"), group, when: () => filter() !== null, run: () => filter()?.focus() },
  );
  document.addEventListener("change", changed);
  document.addEventListener("focusin", (event) => {
    const row = (event.target as Element).closest<HTMLTableRowElement>(ROWS);
    if (row) makeCurrent(row);
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-choose-none]")) chooseAll(false);
  });
  document.addEventListener("htmx:beforeSwap", () => {
    heldKey = document.activeElement === current ? current?.dataset["key"] : undefined;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (heldKey) focusRow(rows().find((row) => row.dataset["key"] === heldKey));
    heldKey = undefined;
    refresh();
  });
  refresh();
}

const rows = (): HTMLTableRowElement[] => [...document.querySelectorAll<HTMLTableRowElement>(ROWS)];
const filter = (): HTMLElement | null =>
  document.querySelector<HTMLElement>(".filter-bar select, .filter-bar input:not([type=search])");
const inTable = (): boolean =>
  document.activeElement?.closest(".table[data-rows]") !== null &&
  document.querySelector(`${ROWS} .pick input`) !== null;
const onRow = (): boolean => current !== null && document.activeElement === current;
const boxOf = (row: Element): HTMLInputElement | null =>
  row.querySelector<HTMLInputElement>(".pick input");

function step(by: number): void {
  const all = rows();
  const at = current ? all.indexOf(current) : -1;
  focusRow(all[Math.min(all.length - 1, Math.max(0, at + by))]);
}

function focusRow(row: HTMLTableRowElement | undefined): void {
  if (!row) return;
  row.tabIndex = -1;
  row.focus();
  makeCurrent(row);
}

function makeCurrent(row: HTMLTableRowElement): void {
  current?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  current = row;
}

function openCurrent(): void {
  current?.querySelector<HTMLElement>("a[data-row-link], th a, td a")?.click();
}

function chooseCurrent(): void {
  const box = current && boxOf(current);
  if (!box) return;
  rangeStart = current;
  box.click();
}

function chooseRange(): void {
  const all = rows();
  if (!current) return;
  const [from, to] = [all.indexOf(rangeStart ?? current), all.indexOf(current)].sort((a, b) => a - b);
  for (const row of all.slice(from, to! + 1)) {
    const box = boxOf(row);
    if (box) box.checked = true;
  }
  refresh();
}

function chooseAll(chosen: boolean): void {
  for (const row of rows()) {
    const box = boxOf(row);
    if (box) box.checked = chosen;
  }
  if (!chosen) document.querySelectorAll<HTMLInputElement>("[data-all-matching]").forEach((box) => {
    box.checked = false;
  });
  refresh();
}

function changed(event: Event): void {
  const box = event.target as HTMLInputElement;
  if (box.matches("[data-choose-page]")) chooseAll(box.checked);
  else if (box.matches("[data-all-matching]") && box.checked) chooseAll(true);
  else if (box.closest(".pick") || box.matches("[data-all-matching]")) refresh();
}

// "All matching" minus the rows taken out again: those go along as `except`.
function refresh(): void {
  const bar = document.querySelector<HTMLElement>(".bulk-bar");
  if (!bar) return;
  const boxes = rows().map(boxOf).filter((box) => box !== null);
  const chosen = boxes.filter((box) => box.checked);
  const wide = bar.querySelector<HTMLInputElement>("[data-all-matching]");
  const matching = Number(bar.dataset["matching"] ?? boxes.length);
  const left = boxes.filter((box) => !box.checked);
  bar.hidden = chosen.length === 0 && !wide?.checked;
  if (wide) wide.closest<HTMLElement>(".choice")!.hidden = !wide.checked && left.length > 0;
  const count = wide?.checked ? matching - left.length : chosen.length;
  bar.querySelector("[data-count]")!.textContent = count.toLocaleString(document.documentElement.lang);
  const excluded = bar.querySelector<HTMLElement>("[data-except]");
  excluded?.replaceChildren(...(wide?.checked ? left.map(exceptFor) : []));
  const page = document.querySelector<HTMLInputElement>("[data-choose-page]");
  if (!page) return;
  page.checked = chosen.length > 0 && left.length === 0;
  page.indeterminate = chosen.length > 0 && left.length > 0;
}

function exceptFor(box: HTMLInputElement): HTMLInputElement {
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = "except";
  hidden.value = box.value;
  return hidden;
}
