// The door of the command palette: a key, and whatever says data-opens-palette.
import { fill } from "./palette-list";
import { register } from "./shortcuts";
import { say } from "./words";

const palette = (): HTMLDialogElement | null =>
  document.querySelector<HTMLDialogElement>("dialog#palette");

export function startPalette(): void {
  register({
    keys: "Ctrl+k",
    label: say("Commands"),
    group: say("Everywhere"),
    byKeyOnly: true,
    when: () => palette() !== null,
    run: open,
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-opens-palette]")) open();
  });
}

function open(): void {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  const field = dialog.querySelector("input")!;
  field.value = "";
  dialog.showModal();
  field.focus();
  fill(dialog);
}
