// The door of the command palette: a key, and whatever says data-opens-palette.
import { fill } from "./palette-list";
import { register } from "./shortcuts";

const palette = (): HTMLDialogElement | null =>
  document.querySelector<HTMLDialogElement>("dialog#palette");

export function startPalette(): void {
  register({
    keys: "Ctrl+k",
    label: "Commands",
    group: "Everywhere",
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
