// Which state or way is chosen: in the address, so that it can be sent to somebody, and the same
// for a click, a key, and a link of the outline.
import { useCallback, useEffect, useState } from "react";
import type { Chosen } from "./walking";

const LETTERS = { state: "s", way: "t" } as const;

export function read(hash: string): Chosen {
  const found = /^#([st])=(.+)$/.exec(decodeURIComponent(hash));
  if (!found) return null;
  return { kind: found[1] === "s" ? "state" : "way", id: found[2]! };
}

export function useChosen(): [Chosen, (chosen: Chosen) => void] {
  const [chosen, setChosen] = useState<Chosen>(() => read(location.hash));
  useEffect(() => {
    const follow = (): void => setChosen(read(location.hash));
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  const choose = useCallback((next: Chosen) => {
    setChosen(next);
    const hash = next ? `#${LETTERS[next.kind]}=${next.id}` : " ";
    // Replaced, not pushed: Back leads to the page before, not through every state walked over.
    history.replaceState(history.state, "", next ? hash : location.pathname + location.search);
  }, []);
  return [chosen, choose];
}
