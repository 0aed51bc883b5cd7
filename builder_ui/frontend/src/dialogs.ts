// Dialogs open by the platform's own command/commandfor; here is the confirmation of a form, and
// the fallback for browsers that do not know the attributes yet. Escape closes dialogs and menus by
// itself; what else lies open has a link or button that closes it.
import { register } from "./shortcuts";
import { say } from "./words";

export function startDialogs(): void {
  register({
    keys: "Escape",
    label: say("Close what is open"),
    group: say("Everywhere"),
    byKeyOnly: true,
    when: () => closer() !== undefined,
    run: () => closer()?.click(),
  });
  document.addEventListener("submit", askFirst, true);
  document.addEventListener("click", closeByBackdrop);
  openThemselves(document);
  document.addEventListener("htmx:afterSettle", (event) => openThemselves(event.target as Element));
  if (!("commandForElement" in HTMLButtonElement.prototype)) {
    document.addEventListener("click", obeyCommand);
  }
}

const closer = (): HTMLElement | undefined =>
  [...document.querySelectorAll<HTMLElement>(".toasts [data-dismiss], .split.open .split-back a")].at(-1);

function openThemselves(root: ParentNode): void {
  const dialog = root.querySelector<HTMLDialogElement>("dialog[data-opens-itself]:not([open])");
  dialog?.showModal();
  dialog?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
}

// A form or its button with data-confirm="sentence" is sent only after a yes.
function askFirst(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const asker = event.submitter?.closest<HTMLElement>("[data-confirm]") ?? form;
  const sentence = asker.dataset["confirm"];
  const dialog = document.querySelector<HTMLDialogElement>("#confirm");
  if (!sentence || !dialog || form.dataset["confirmed"]) {
    delete form.dataset["confirmed"];
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  dialog.querySelector("[data-sentence]")!.textContent = sentence;
  const yes = dialog.querySelector<HTMLButtonElement>("[value=yes]")!;
  yes.textContent = asker.dataset["confirmYes"] ?? event.submitter?.textContent?.trim() ?? say("Yes");
  dialog.returnValue = "";
  dialog.addEventListener("close", () => send(dialog, form, event.submitter), { once: true });
  dialog.showModal();
}

function send(dialog: HTMLDialogElement, form: HTMLFormElement, by: HTMLElement | null): void {
  if (dialog.returnValue !== "yes") return;
  form.dataset["confirmed"] = "yes";
  form.requestSubmit(by);
}

function closeByBackdrop(event: MouseEvent): void {
  const dialog = event.target as Element;
  if (!(dialog instanceof HTMLDialogElement) || dialog.dataset["keep"] !== undefined) return;
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right &&
    event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
}

function obeyCommand(event: MouseEvent): void {
  const button = (event.target as Element).closest<HTMLButtonElement>("button[commandfor]");
  const target = document.getElementById(button?.getAttribute("commandfor") ?? "");
  if (!(target instanceof HTMLDialogElement)) return;
  if (button?.getAttribute("command") === "show-modal") target.showModal();
  else target.close();
}
