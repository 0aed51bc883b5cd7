// What happens, as it happens: one stream for all tabs of a browser. The tab that holds the lock
// listens and passes on; when it goes, the next one takes the lock. Each tab keeps its own place,
// so none misses an event or is told one twice. Where no stream comes through, it asks instead.
export interface Told {
  id: string;
  type: string;
  at: string;
  ids: Record<string, string>;
}

export type Live = { kind: "told"; told: Told } | { kind: "moved" } | { kind: "reset" };

interface Latest {
  events: Told[];
  after: string;
  reset: boolean;
}

const ASK_EVERY_MS = 30_000;
const UNATTENDED = { "Wareflow-Unattended": "yes", Accept: "application/json" };

// Parts of a page listen to the document, whether they were there from the start or came later.
export function onLive(hear: (live: Live) => void): () => void {
  const listener = (event: Event): void => hear((event as CustomEvent<Live>).detail);
  document.addEventListener("live", listener);
  return () => document.removeEventListener("live", listener);
}

// Asks for what a page shows, by itself: that does not keep its reader signed in.
export async function askQuietly(href: string, accept = "application/json"): Promise<Response | null> {
  const answer = await fetch(href, { headers: { ...UNATTENDED, Accept: accept } }).catch(() => null);
  return answer?.ok && !answer.redirected ? answer : null;
}

export function startStream(): void {
  const { stream: href, streamAt: at } = document.body.dataset;
  if (!href || at === undefined) return;
  const tab = new Tab(href, at);
  if (!navigator.locks) tab.lead();
  else void tab.takeTurns();
}

class Tab {
  private waiting: Live[] | null = null;
  private readonly channel: BroadcastChannel;

  constructor(
    private readonly href: string,
    private at: string,
  ) {
    this.channel = new BroadcastChannel(href);
    this.channel.onmessage = ({ data }: MessageEvent<Live>) => this.hear(data);
  }

  async takeTurns(): Promise<void> {
    const forEver = (): Promise<never> => new Promise(() => this.lead());
    void navigator.locks.request(this.href, { ifAvailable: true }, async (lock) => {
      if (lock) return forEver();
      void navigator.locks.request(this.href, forEver);
      // What the leader heard before this tab listened; meanwhile what it hears now waits.
      this.waiting = [];
      await this.ask();
      const waited = this.waiting;
      this.waiting = null;
      waited.forEach((live) => this.hear(live));
    });
  }

  lead(): void {
    const stream = new EventSource(`${this.href}?after=${encodeURIComponent(this.at)}`);
    const pass = (live: Live): void => {
      this.channel.postMessage(live);
      this.hear(live);
    };
    stream.onopen = () => (document.documentElement.dataset["stream"] = "open");
    stream.onmessage = ({ data, lastEventId }) =>
      pass({ kind: "told", told: { ...(JSON.parse(data) as Told), id: lastEventId } });
    stream.addEventListener("moved", () => pass({ kind: "moved" }));
    stream.addEventListener("reset", ({ lastEventId }) => {
      this.at = lastEventId || this.at;
      pass({ kind: "reset" });
    });
    stream.addEventListener("bye", ({ data }) => {
      // Another window of this person took its place: both would end each other for ever.
      if ((JSON.parse(data) as { why: string }).why === "replaced") {
        stream.close();
        this.askInstead();
      }
    });
    stream.onerror = () => {
      document.documentElement.dataset["stream"] = "broken";
      // Otherwise the browser comes back by itself, and says where it stopped.
      if (stream.readyState === EventSource.CLOSED) this.askInstead();
    };
  }

  private askInstead(): void {
    setTimeout(() => {
      void this.ask().then((isAnswered) => {
        // Who is signed out is told so by the next page.
        if (isAnswered) this.lead();
        else if (isAnswered === null) this.askInstead();
      });
    }, ASK_EVERY_MS);
  }

  // True: answered. False: not for us any more. Null: nobody answers.
  private async ask(): Promise<boolean | null> {
    const href = `${this.href}/latest?after=${encodeURIComponent(this.at)}`;
    const answer = await fetch(href, { headers: UNATTENDED }).catch(() => null);
    if (!answer || answer.status >= 500 || answer.status === 429) return null;
    if (!answer.ok || answer.redirected) return false;
    const { events, after, reset } = (await answer.json()) as Latest;
    if (reset) this.tell({ kind: "reset" });
    for (const told of events) this.tellOnce(told);
    if (reset || after > this.at) this.at = after;
    return true;
  }

  private hear(live: Live): void {
    if (this.waiting) this.waiting.push(live);
    else if (live.kind === "told") this.tellOnce(live.told);
    else this.tell(live);
  }

  private tellOnce(told: Told): void {
    if (told.id <= this.at) return;
    this.at = told.id;
    this.tell({ kind: "told", told });
  }

  private tell(live: Live): void {
    document.dispatchEvent(new CustomEvent("live", { detail: live }));
  }
}
