// A dashboard: its figures are drawn by a chunk that no other page loads, and read anew when
// something happened that they count, unless somebody holds them still.
import type { Drawing } from "../figures/drawing";
import { askQuietly, onLive } from "../stream";

const COUNTED = /^(order|backorder|fulfilment|task|exception|purchase_order)\./;
const PAUSE_MS = 1500;

let redraw: ((drawing: Drawing) => void) | null = null;

const drawing = drawingIn(document);
if (drawing) {
  void import("../figures/drawing").then(({ drawFigures }) => {
    redraw = drawFigures(drawing);
  });
}

let isAsking = false;
let isWanted = false;
onLive((live) => {
  if (live.kind === "moved" || (live.kind === "told" && !COUNTED.test(live.told.type))) return;
  isWanted = true;
  void refresh();
});
document.addEventListener("visibilitychange", () => void refresh());
document.querySelector("[data-hold-still]")?.addEventListener("click", (event) => {
  const button = event.currentTarget as HTMLElement;
  button.setAttribute("aria-pressed", String(!isHeld(button)));
  void refresh();
});

async function refresh(): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  while (isWanted && !document.hidden && !isHeld(document.querySelector("[data-hold-still]"))) {
    isWanted = false;
    const answer = await askQuietly(location.href, "text/html");
    if (answer) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    await new Promise((goOn) => setTimeout(goOn, PAUSE_MS));
  }
  isAsking = false;
}

function show(fresh: Document): void {
  for (const part of document.querySelectorAll("[data-live-part]")) {
    const newer = fresh.querySelector(`[data-live-part="${(part as HTMLElement).dataset["livePart"]}"]`);
    // Nothing is taken from under the hands of who is in it.
    if (newer && !part.contains(document.activeElement)) part.replaceWith(document.importNode(newer, true));
  }
  const newer = drawingIn(fresh);
  if (newer) redraw?.(newer);
}

function drawingIn(page: Document): Drawing | null {
  const text = page.getElementById("figures")?.textContent;
  return text ? (JSON.parse(text) as Drawing) : null;
}

function isHeld(button: Element | null): boolean {
  return button?.getAttribute("aria-pressed") === "true";
}
