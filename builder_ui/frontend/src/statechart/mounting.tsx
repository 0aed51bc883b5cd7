// Puts the chart into the page: with the kept layout at once, or laid out here and then kept.
import { StrictMode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { useChosen } from "./choosing";
import { type ChartProps, type Layout, readProps } from "./document";
import { layOut } from "./layout";
import { useStanding } from "./live";
import { Statechart } from "./Statechart";
import type { Size } from "./viewing";
import { say } from "../words";

/** Returns what takes the chart away again, or nothing where the page has no place for one. */
export function mountChart(): (() => void) | undefined {
  const place = document.getElementById("chart");
  if (!place) return undefined;
  const size = { width: place.clientWidth, height: place.clientHeight };
  const root = createRoot(place);
  root.render(
    <StrictMode>
      <Island shown={readProps("chart-props")} size={size} place={place} />
    </StrictMode>,
  );
  return () => root.unmount();
}

function Island({ shown, size, place }: { shown: ChartProps; size: Size; place: HTMLElement }) {
  const [layout, setLayout] = useState<Layout | null>(shown.layout);
  const [hasFailed, setFailed] = useState(false);
  const [chosen, choose] = useChosen();
  const standing = useStanding(shown.standing, shown.standing_href);
  const asked = useRef(false);

  useEffect(() => {
    if (layout !== null || asked.current) return;
    asked.current = true;
    layOut(shown.chart)
      .then((found) => {
        setLayout(found);
        void keep(shown, found);
      })
      .catch(() => setFailed(true));
  }, [layout, shown]);

  // Tests and styles see when the chart is there, and where its layout came from.
  useEffect(() => {
    place.dataset["layout"] = layout === null ? (hasFailed ? "failed" : "awaited") : shown.layout ? "kept" : "made";
  }, [layout, hasFailed, shown, place]);

  if (hasFailed) return <p className="chart-told">The chart could not be laid out. The outline says everything it would show.</p>;
  if (layout === null) return <p className="chart-told" role="status">{say("Laying the chart out …")}</p>;
  return <Statechart shown={shown} layout={layout} size={size} standing={standing} chosen={chosen} onChoose={choose} />;
}

// The first layout is for everybody. Where it cannot be kept, the next visit makes it again.
async function keep(shown: ChartProps, layout: Layout): Promise<void> {
  if (shown.keep_href === null) return;
  await fetch(shown.keep_href, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ drawn_for: shown.drawn_for, layout }),
  }).catch(() => undefined);
}
