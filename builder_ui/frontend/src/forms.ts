// Forms: the error summary takes the focus, a form is sent once, unsaved changes are told.

export function startForms(): void {
  focusSummary(document);
  document.addEventListener("htmx:afterSettle", (event) => focusSummary(event.target as Element));
  document.addEventListener("submit", sendOnce);
  document.addEventListener("input", noteChange);
  document.addEventListener("change", noteChange);
  document.addEventListener("reset", (event) => queueMicrotask(() => noteChange(event)));
  window.addEventListener("beforeunload", warn);
  window.addEventListener("pageshow", forgetSent);
}

function focusSummary(root: ParentNode): void {
  root.querySelector<HTMLElement>("[data-error-summary]")?.focus();
}

function sendOnce(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (form.method !== "post") return;
  if (form.dataset["sent"]) {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented) return;
  form.dataset["sent"] = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
}

// A page that comes back from the browser's memory may be sent again.
function forgetSent(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset["sent"];
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  }
}

const differs = (field: Element): boolean => {
  if (field instanceof HTMLInputElement) {
    if (field.type === "file") return field.files !== null && field.files.length > 0;
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    return field.type !== "hidden" && field.value !== field.defaultValue;
  }
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (field instanceof HTMLSelectElement) {
    const marked = [...field.options].some((option) => option.defaultSelected);
    return marked
      ? [...field.options].some((option) => option.selected !== option.defaultSelected)
      : field.selectedIndex > 0;
  }
  return false;
};

// Dirty means different from what the server gave: typing a change back is no change. A form
// shown again with faults holds words the server has not kept, and starts out dirty.
function unsaved(form: HTMLFormElement): boolean {
  return form.dataset["unsaved"] === "from-start" || [...form.elements].some(differs);
}

function noteChange(event: Event): void {
  const target = event.target as HTMLElement & { form?: HTMLFormElement | null };
  const form = target instanceof HTMLFormElement ? target : target.form;
  if (form?.dataset["unsaved"] === undefined) return;
  const sign = form.querySelector<HTMLElement>(".unsaved");
  if (sign) sign.hidden = !unsaved(form);
}

function warn(event: BeforeUnloadEvent): void {
  const forms = document.querySelectorAll<HTMLFormElement>("form[data-unsaved]:not([data-sent])");
  if ([...forms].some(unsaved)) event.preventDefault();
}
