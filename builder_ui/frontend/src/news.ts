// A list says that there is more than it shows, and shows it when asked to: rows never move under
// anybody's hands. What is told twice over, or is in the list already, is counted once or not.
import { onLive } from "./stream";

const counted = new WeakMap<Element, Set<string>>();

export function startNews(): void {
  onLive((live) => {
    for (const place of document.querySelectorAll<HTMLElement>("[data-news]")) {
      if (live.kind === "reset") say(place, place.dataset["reset"] ?? "");
      if (live.kind === "told") count(place, live.told.type, live.told.id);
    }
  });
}

function count(place: HTMLElement, type: string, id: string): void {
  const { news, since } = place.dataset;
  if (!news?.split(" ").includes(type) || id <= (since ?? "")) return;
  const known = counted.get(place) ?? new Set();
  counted.set(place, known.add(id));
  const sentence = (known.size === 1 ? place.dataset["one"] : place.dataset["many"]) ?? "";
  say(place, sentence.replace("{count}", known.size.toLocaleString(document.documentElement.lang)));
}

function say(place: HTMLElement, sentence: string): void {
  const link = place.querySelector("a");
  if (!link || !sentence) return;
  link.hidden = false;
  link.textContent = sentence;
}
