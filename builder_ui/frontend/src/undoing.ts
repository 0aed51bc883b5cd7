// What can be taken back for a while says how long, by the server's clock: it brings the time that
// is left, so the clock of this machine does not matter. When it is over the offer goes.
import { announce } from "./toasts";
import { say } from "./words";

const known = new WeakSet<Element>();

export function startUndoing(): void {
  watchOffers(document);
  document.addEventListener("htmx:afterSettle", (event) => watchOffers(event.target as Element));
}

function watchOffers(root: ParentNode): void {
  for (const offer of root.querySelectorAll<HTMLElement>("[data-left-ms]")) {
    if (known.has(offer)) continue;
    known.add(offer);
    countDown(offer, performance.now() + Number(offer.dataset["leftMs"]));
  }
}

function countDown(offer: HTMLElement, end: number): void {
  const shown = offer.querySelector("[data-left]");
  const tick = () => {
    const seconds = Math.ceil((end - performance.now()) / 1000);
    if (seconds > 0 && offer.isConnected) {
      if (shown) shown.textContent = say("%(seconds)s s", { seconds });
      return;
    }
    clearInterval(clock);
    if (offer.isConnected) close(offer);
  };
  const clock = setInterval(tick, 250);
  tick();
  // What stands in a live region when the page arrives is not read out: say it once.
  const told = offer.querySelector("[data-text]")?.textContent;
  if (told) setTimeout(() => announce(told), 300);
}

function close(offer: HTMLElement): void {
  const told = offer.dataset["after"];
  const text = offer.querySelector("[data-text]");
  if (!told || !text) return offer.remove();
  text.textContent = told;
  offer.querySelector("form")?.remove();
  offer.querySelector("[data-left]")?.remove();
}
