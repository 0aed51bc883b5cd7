// Chart and layout as the canvas wants them: parents first, places relative to them, ways on top.
import type { Box, ChartNode, ChartProps, Layout, RunPath } from "./document";
import { waysOut } from "./layout";
import { wayWords } from "./measuring";
import { type Ordered, preorder } from "./order";
import type { Passed, StateNode, WayEdge } from "./parts";
import { say } from "../words";

const ABOVE_ALL_FRAMES = 1000;

export interface Drawing {
  nodes: StateNode[];
  edges: WayEdge[];
  /** Where each state is on the whole chart. */
  places: Map<string, Box>;
}

export function draw({ run }: ChartProps, order: Ordered, layout: Layout): Drawing {
  const boxes = new Map(layout.nodes.map((box) => [box.id, box]));
  const places = new Map<string, Box>();
  const depths = new Map<string, number>();
  const nodes = preorder(order.children).map((node): StateNode => {
    const box = boxes.get(node.id)!;
    const above = node.parent === null ? undefined : places.get(node.parent);
    const depth = node.parent === null ? 0 : depths.get(node.parent)! + 1;
    places.set(node.id, { ...box, x: box.x + (above?.x ?? 0), y: box.y + (above?.y ?? 0) });
    depths.set(node.id, depth);
    return {
      id: node.id,
      type: typeOf(node, order),
      position: { x: box.x, y: box.y },
      width: box.width,
      height: box.height,
      ...(node.parent !== null && { parentId: node.parent }),
      data: { node, passed: passedState(node.id, run), standing: run?.standing ?? "here" },
      zIndex: depth,
      selectable: node.kind !== "initial",
      ariaRole: "group",
      ariaLabel: node.label,
    };
  });
  return { nodes, edges: ways(order, layout, run), places };
}

function ways(order: Ordered, layout: Layout, run: RunPath | null): WayEdge[] {
  const routes = new Map(layout.edges.map((route) => [route.id, route]));
  const beside = waysOut(order.edges);
  return order.edges.map((edge): WayEdge => {
    const { points, label } = routes.get(edge.id)!;
    const words = wayWords(edge, beside.get(edge.source) ?? 1);
    return {
      id: edge.id,
      type: "way",
      source: edge.source,
      target: edge.target,
      data: { edge, words, points, label, passed: passedWay(edge.transition, edge.source, run) },
      zIndex: ABOVE_ALL_FRAMES,
      selectable: edge.kind !== "initial",
      ariaRole: "group",
      ariaLabel: say("%(source)s to %(target)s", {
        source: order.nodes.get(edge.source)!.label,
        target: order.nodes.get(edge.target)!.label,
      }),
    };
  });
}

function typeOf(node: ChartNode, order: Ordered): "state" | "holder" | "dot" | "memory" {
  if (node.kind === "initial") return "dot";
  if (node.kind === "history") return "memory";
  return order.children.has(node.id) ? "holder" : "state";
}

function passedState(id: string, run: RunPath | null): Passed {
  if (!run) return "none";
  if (run.active.includes(id)) return "active";
  return run.visited.includes(id) ? "visited" : "untouched";
}

function passedWay(transition: string, source: string, run: RunPath | null): Passed {
  if (!run) return "none";
  if (transition) return run.taken.includes(transition) ? "visited" : "untouched";
  // A dot is passed whenever what holds it was entered; the outermost one always.
  const holder = source.replace("initial:", "");
  return holder === "" || run.visited.includes(holder) ? "visited" : "untouched";
}
