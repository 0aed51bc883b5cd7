// A file field that files can be dropped on, and that says what it holds.

export function startFileDrop(): void {
  for (const kind of ["dragover", "dragleave", "drop"] as const) {
    document.addEventListener(kind, (event) => {
      const zone = (event.target as Element).closest?.<HTMLElement>(".drop");
      if (!zone) return;
      event.preventDefault();
      zone.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer?.files.length) take(zone, event.dataTransfer.files);
    });
  }
}

function take(zone: HTMLElement, files: FileList): void {
  const field = zone.querySelector<HTMLInputElement>("input[type=file]")!;
  field.files = files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
