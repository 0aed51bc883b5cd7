// The bell of every page: how much is unread, and a word about the newest. What the word says stands
// on the page of notifications as well, and is said once: in the window that somebody works in.
import { askQuietly, onLive } from "./stream";
import { toast } from "./toasts";

interface Unread {
  unread: number;
  newest: { id: string; title: string } | null;
}

let said = "";
let isAsking = false;
let isWanted = false;

export function startBell(): void {
  const bell = document.querySelector<HTMLElement>("[data-bell]");
  if (!bell) return;
  onLive((live) => {
    if (live.kind === "moved" || (live.kind === "told" && live.told.type !== "member.notified")) return;
    void ask(bell, live.kind === "told");
  });
}

async function ask(bell: HTMLElement, isNews: boolean): Promise<void> {
  isWanted = true;
  if (isAsking) return;
  isAsking = true;
  while (isWanted) {
    isWanted = false;
    const answer = await askQuietly(bell.dataset["bell"]!);
    if (answer) show(bell, (await answer.json()) as Unread, isNews);
  }
  isAsking = false;
}

function show(bell: HTMLElement, { unread, newest }: Unread, isNews: boolean): void {
  const count = unread.toLocaleString(document.documentElement.lang);
  const { none, one, many } = bell.dataset;
  const words = unread === 0 ? none : unread === 1 ? one : many;
  bell.setAttribute("aria-label", (words ?? "").replace("{count}", count));
  const place = bell.querySelector<HTMLElement>("[data-unread]")!;
  place.hidden = unread === 0;
  place.textContent = unread > 99 ? "99+" : count;
  if (!isNews || !newest || newest.id === said || !document.hasFocus()) return;
  said = newest.id;
  toast(newest.title, { tone: "neutral" });
}
