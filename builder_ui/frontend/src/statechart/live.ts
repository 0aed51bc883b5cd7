// Who stands where, asked again every half minute while somebody looks. The outline beside the
// chart is told the same, so the two never disagree.
import { useEffect, useState } from "react";
import type { Standing } from "./document";

const EVERY_MS = 30_000;

export function useStanding(first: Standing[], href: string | null): ReadonlyMap<string, Standing> {
  const [standing, setStanding] = useState(first);
  useEffect(() => {
    if (href === null) return;
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      const answer = await fetch(href, { headers: { Accept: "application/json" } }).catch(() => null);
      // An answer that fails says nothing new; the page itself tells when somebody is signed out.
      if (!answer?.ok || !answer.headers.get("Content-Type")?.includes("json")) return;
      const { standing: told } = (await answer.json()) as { standing: Standing[] };
      setStanding(told);
      tellOutline(told);
    };
    const timer = window.setInterval(() => void ask(), EVERY_MS);
    const look = (): void => void ask();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
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
