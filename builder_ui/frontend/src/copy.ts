// Buttons with data-copy="id" put the text of that element on the clipboard.
import { toast } from "./toasts";
import { say } from "./words";

export function startCopy(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const source = document.getElementById(button?.dataset["copy"] ?? "");
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.textContent?.trim() ?? "");
      toast(say("Copied."));
    } catch {
      getSelection()?.selectAllChildren(source);
      toast(say("The browser did not allow copying: the text is selected, press Ctrl+C."), { tone: "warn" });
    }
  });
}
