// Who stands where, asked again when anything was done in the house, and every half minute besides.
// The outline beside the chart is told the same, so the two never disagree.
import { useEffect, useState } from "react";
import { askQuietly, onLive } from "../stream";
import type { Standing } from "./document";

const EVERY_MS = 30_000;
// In a busy house, not more often than somebody can read.
const PAUSE_MS = 500;

export function useStanding(first: Standing[], href: string | null): ReadonlyMap<string, Standing> {
  const [standing, setStanding] = useState(first);
  useEffect(() => {
    if (href === null) return;
    let isAsking = false;
    let isWanted = false;
    const ask = async (): Promise<void> => {
      isWanted = true;
      if (isAsking || document.hidden) return;
      isAsking = true;
      while (isWanted) {
        isWanted = false;
        // An answer that fails says nothing new; the page itself tells when somebody is signed out.
        const answer = await askQuietly(href);
        if (answer?.headers.get("Content-Type")?.includes("json")) {
          const { standing: told } = (await answer.json()) as { standing: Standing[] };
          setStanding(told);
          tellOutline(told);
        }
        await new Promise((goOn) => setTimeout(goOn, PAUSE_MS));
      }
      isAsking = false;
    };
    const timer = window.setInterval(() => void ask(), EVERY_MS);
    const look = (): void => void ask();
    const deafen = onLive(look);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      deafen();
      document.removeEventListener("visibilitychange", look);
    };
  }, [href]);
  return new Map(standing.map((each) => [each.state, each]));
}

function tellOutline(standing: Standing[]): void {
  const told = new Map(standing.map((each) => [each.state, each]));
  for (const place of document.querySelectorAll<HTMLAnchorElement>("[data-runs-of]")) {
    const found = told.get(place.dataset["runsOf"]!);
    place.hidden = !found;
    place.textContent = found?.words ?? "";
    if (found) place.href = found.href;
  }
}
