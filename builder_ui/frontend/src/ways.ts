// The chart of a run on the page of what the run is about: fetched from the run's own page when
// somebody opens it, so that nobody waits for a chart that nobody looks at. One at a time, because
// the states of two charts could share their addresses.
import { announce } from "./toasts";
import { say } from "./words";

const WAYS = "details[data-way]";

export function startWays(): void {
  document.addEventListener(
    "toggle",
    (event) => {
      const way = event.target;
      if (way instanceof HTMLDetailsElement && way.matches(WAYS)) void (way.open ? show(way) : close(way));
    },
    // It does not bubble.
    { capture: true },
  );
}

const closers = new WeakMap<HTMLElement, () => void>();

async function show(way: HTMLDetailsElement): Promise<void> {
  for (const other of document.querySelectorAll<HTMLDetailsElement>(`${WAYS}[open]`)) if (other !== way) other.open = false;
  const place = way.querySelector<HTMLElement>(".way-place")!;
  place.setAttribute("aria-busy", "true");
  try {
    const page = await fetched(way.dataset["way"]!);
    const [frame, { mountChart }] = [page.querySelector(".chart-frame"), await import("./statechart/mounting")];
    if (!frame) throw new Error("no chart on the page of the run");
    await styled(page);
    if (!way.open) return;
    place.replaceChildren(document.adoptNode(frame));
    const unmount = mountChart();
    if (unmount) closers.set(way, unmount);
  } catch {
    place.textContent = say("The chart could not be fetched. It is on the page of the run.");
    announce(place.textContent);
  } finally {
    place.removeAttribute("aria-busy");
  }
}

function close(way: HTMLDetailsElement): void {
  closers.get(way)?.();
  closers.delete(way);
  way.querySelector(".way-place")?.replaceChildren();
}

async function fetched(address: string): Promise<Document> {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// The styles of charts come with the first one, and before it.
async function styled(page: Document): Promise<void> {
  const missing = [...page.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')]
    .map((link) => link.getAttribute("href")!)
    .filter((href) => !document.querySelector(`link[href="${href}"]`));
  await Promise.all(
    missing.map(
      (href) =>
        new Promise((resolve, reject) => {
          const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
          link.addEventListener("load", resolve);
          link.addEventListener("error", reject);
          document.head.append(link);
        }),
    ),
  );
}
