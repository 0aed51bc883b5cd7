// The theme choice: shown at once, kept by the server, which renders it into every later page.

export function startTheme(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-theme-form]")) return;
    event.preventDefault();
    const chosen = (event.submitter as HTMLButtonElement).value;
    if (chosen === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
    for (const button of form.querySelectorAll<HTMLButtonElement>("button[name=theme]")) {
      button.setAttribute("aria-checked", String(button.value === chosen));
    }
    void fetch(form.action, {
      method: "POST",
      body: new URLSearchParams({ theme: chosen }),
      redirect: "manual",
      keepalive: true,
    });
  });
}
