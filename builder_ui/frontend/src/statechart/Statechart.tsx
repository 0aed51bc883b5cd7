// A chart on a canvas: looked at, walked by keyboard, never changed here. Whoever edits charts
// gives it new props and listens to `onChoose`; nothing in here keeps a chart of its own.
import { ReactFlow, type ReactFlowInstance, useStore } from "@xyflow/react";
import { flushSync } from "react-dom";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ChartProps, Layout, Standing } from "./document";
import { draw } from "./drawing";
import { ordered } from "./order";
import { Choose, edgeTypes, nodeTypes, Standings, type StateNode, type WayEdge } from "./parts";
import { tell } from "./telling";
import { firstView, isInView, type Size, wholeOnPaper, ZOOM_MAX, ZOOM_MIN } from "./viewing";
import { type Chosen, Walk } from "./walking";
import { say } from "../words";

// From here on what is out of sight is not on the page either.
const MANY = 80;
const WALKED = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "[", "]"];

interface Props {
  shown: ChartProps;
  layout: Layout;
  size: Size;
  standing: ReadonlyMap<string, Standing>;
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
}

export function Statechart({ shown, layout, size, standing, chosen, onChoose }: Props) {
  const order = useMemo(() => ordered(shown.chart), [shown]);
  const drawing = useMemo(() => draw(shown, order, layout), [shown, order, layout]);
  const walk = useMemo(() => new Walk(order, shown.run?.active[0]), [order, shown]);
  const flow = useRef<ReactFlowInstance<StateNode, WayEdge> | null>(null);
  const isPrinted = usePrinting(flow, layout);

  // Only what is chosen, or was, becomes a new thing: the canvas draws no other again.
  const chosenWay = chosen?.kind === "way" ? chosen.id : null;
  const chosenState = chosen?.kind === "state" ? chosen.id : null;
  const nodes = useMemo(() => marked(drawing.nodes, chosenState), [drawing, chosenState]);
  const edges = useMemo(() => marked(drawing.edges, chosenWay), [drawing, chosenWay]);

  const first = useMemo(() => {
    const begin = order.edges.find(({ kind }) => kind === "initial")?.source ?? "";
    const wanted = chosenState ?? shown.run?.active[0] ?? begin;
    return firstView(layout, size, drawing.places.get(wanted));
    // Where to begin is asked once; afterwards people look where they like.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => {
    const canvas = flow.current;
    const box = chosenState !== null
      ? drawing.places.get(chosenState)
      : drawing.edges.find(({ id }) => id === chosenWay)?.data?.label ?? undefined;
    if (!canvas || !box || isInView(box, canvas.getViewport(), size)) return;
    const at = { x: box.x + box.width / 2, y: box.y + Math.min(box.height, size.height) / 2 };
    void canvas.setCenter(at.x, at.y, { zoom: canvas.getZoom(), duration: quick() });
  }, [chosenState, chosenWay, drawing, size]);

  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (WALKED.includes(event.key)) onChoose(walk.step(chosen, event.key));
    else if (event.key === "Escape" && chosen) onChoose(null);
    else if (event.key === "Enter" && chosenState !== null && standing.has(chosenState)) {
      location.assign(standing.get(chosenState)!.href);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const chooseWay = useCallback((id: string) => onChoose({ kind: "way", id }), [onChoose]);

  return (
    <Standings value={standing}>
      <Choose value={chooseWay}>
        <div
          className="chart-canvas"
          role="application"
          aria-roledescription="statechart"
          aria-label={say("Chart of %(name)s", { name: shown.chart.name })}
          aria-describedby="chart-keys"
          tabIndex={0}
          onKeyDown={press}
        >
          <ReactFlow<StateNode, WayEdge>
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes}
            onInit={(instance) => (flow.current = instance)}
            defaultViewport={first}
            minZoom={ZOOM_MIN}
            maxZoom={ZOOM_MAX}
            onNodeClick={(_, { id, selectable }) => selectable && onChoose({ kind: "state", id })}
            onEdgeClick={(_, { id, selectable }) => selectable && onChoose({ kind: "way", id })}
            onPaneClick={() => onChoose(null)}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            disableKeyboardA11y
            deleteKeyCode={null}
            selectionKeyCode={null}
            multiSelectionKeyCode={null}
            panActivationKeyCode={null}
            zoomOnScroll={false}
            preventScrolling={false}
            zoomOnDoubleClick={false}
            zIndexMode="manual"
            elevateNodesOnSelect={false}
            elevateEdgesOnSelect={false}
            onlyRenderVisibleElements={nodes.length > MANY && !isPrinted}
            proOptions={{ hideAttribution: true }}
          >
            <Distance />
          </ReactFlow>
        </div>
      </Choose>
      <Buttons flow={flow} />
      <p className="sr-only" role="status">{tell(chosen, walk, order.nodes, standing)}</p>
    </Standings>
  );
}

const quick = (): number => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160);

function marked<Thing extends { id: string; selected?: boolean }>(things: Thing[], id: string | null): Thing[] {
  return things.map((thing) => (thing.id === id ? { ...thing, selected: true } : thing));
}

/** From afar fewer words: the styles follow the distance. */
function Distance() {
  const zoom = useStore((state) => state.transform[2]);
  const distance = zoom < 0.35 ? "far" : zoom < 0.6 ? "middle" : "near";
  const element = useStore((state) => state.domNode);
  useEffect(() => {
    if (element) element.dataset["distance"] = distance;
  }, [element, distance]);
  return null;
}

function Buttons({ flow }: { flow: React.RefObject<ReactFlowInstance<StateNode, WayEdge> | null> }) {
  const run = (act: (canvas: ReactFlowInstance<StateNode, WayEdge>) => unknown) => () =>
    flow.current && void act(flow.current);
  const keys = { "data-keys-group": say("Chart") };
  return (
    <div className="chart-buttons" role="group" aria-label={say("View")}>
      <button type="button" className="button small square" data-keys="-" aria-label={say("Zoom out")} title={say("Zoom out")} {...keys}
        onClick={run((canvas) => canvas.zoomOut({ duration: quick() }))}>−</button>
      <button type="button" className="button small square" data-keys="+" aria-label={say("Zoom in")} title={say("Zoom in")} {...keys}
        onClick={run((canvas) => canvas.zoomIn({ duration: quick() }))}>+</button>
      <button type="button" className="button small" data-keys="f" {...keys}
        onClick={run((canvas) => canvas.fitView({ duration: quick(), padding: 0.03, maxZoom: 1 }))}>{say("Fit")}</button>
    </div>
  );
}

// Paper shows the whole chart, whatever was looked at; afterwards one looks there again.
function usePrinting(
  flow: React.RefObject<ReactFlowInstance<StateNode, WayEdge> | null>,
  layout: Layout,
): boolean {
  const [isPrinted, setPrinted] = useState(false);
  useEffect(() => {
    let before = { x: 0, y: 0, zoom: 1 };
    const begin = (): void => {
      if (!flow.current) return;
      before = flow.current.getViewport();
      // At once, and not when the page is next drawn: by then it is on paper.
      flushSync(() => setPrinted(true));
      void flow.current.setViewport(wholeOnPaper(layout));
    };
    const end = (): void => {
      setPrinted(false);
      void flow.current?.setViewport(before);
    };
    window.addEventListener("beforeprint", begin);
    window.addEventListener("afterprint", end);
    return () => {
      window.removeEventListener("beforeprint", begin);
      window.removeEventListener("afterprint", end);
    };
  }, [flow, layout]);
  return isPrinted;
}
