// Short news in the corner. It never holds the only copy of anything, and waits while looked at.
type Tone = "ok" | "warn" | "bad" | "neutral";

const SECONDS = 8;

export function toast(text: string, { tone = "ok" as Tone } = {}): void {
  const shelf = document.getElementById("toasts");
  const shape = document.querySelector<HTMLTemplateElement>("#toast-template");
  if (!shelf || !shape) return;
  const shown = (shape.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  shown.classList.add(tone);
  shown.querySelector("[data-text]")!.textContent = text;
  shelf.append(shown);
  expire(shown);
}

// For screen readers only: what changed on the page without the focus moving.
export function announce(text: string): void {
  const region = document.getElementById("announce");
  if (region) region.textContent = text.trim();
}

export function startToasts(): void {
  document.body.addEventListener("toast", (event) => {
    const { text, tone } = (event as CustomEvent).detail as { text: string; tone?: Tone };
    toast(text, tone ? { tone } : {});
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-dismiss]");
    button?.closest(".toast, .banner")?.remove();
  });
}

function expire(shown: HTMLElement): void {
  let left = SECONDS;
  const clock = setInterval(() => {
    if (shown.matches(":hover, :focus-within")) return;
    left -= 1;
    if (left > 0 && shown.isConnected) return;
    clearInterval(clock);
    shown.remove();
  }, 1000);
}
