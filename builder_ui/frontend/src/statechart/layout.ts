// A chart laid out by ELK: layered from top to bottom, right-angled ways, words kept clear.
import type { ElkExtendedEdge, ElkNode } from "elkjs/lib/elk-api";
import type { Box, Chart, ChartNode, DrawnEdge, Layout } from "./document";
import { Measure, wayWords } from "./measuring";
import { type Ordered, ordered } from "./order";

// Nobody waits for it: the outline is there. A slow machine needs eight seconds for 200 states.
const DEADLINE_MS = 20_000;
const SPACING = {
  "elk.spacing.nodeNode": "24",
  "elk.spacing.edgeNode": "14",
  "elk.spacing.edgeEdge": "10",
  "elk.spacing.edgeLabel": "3",
  "elk.layered.spacing.nodeNodeBetweenLayers": "34",
  "elk.layered.spacing.edgeNodeBetweenLayers": "18",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "12",
};
const SHARED = {
  ...SPACING,
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.edgeRouting": "ORTHOGONAL",
  // A third narrower than what ELK does by itself, at the same height.
  "elk.layered.nodePlacement.strategy": "LINEAR_SEGMENTS",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.json.edgeCoords": "ROOT",
  "elk.json.shapeCoords": "PARENT",
};
// The order of the model counts on the outermost level only: asked for everywhere, elkjs 0.12.1
// fails, and what the root is told does not reach the graphs inside it.
const ROOT = {
  ...SHARED,
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.cycleBreaking.strategy": "MODEL_ORDER",
  "elk.padding": "[top=16,left=16,bottom=16,right=16]",
};
const NESTED = { ...SHARED, "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST" };

/** How many ways lead out of each state: several are numbered. */
export function waysOut(edges: DrawnEdge[]): Map<string, number> {
  const ways = new Map<string, Set<string>>();
  for (const edge of edges) {
    ways.set(edge.source, (ways.get(edge.source) ?? new Set()).add(edge.transition));
  }
  return new Map([...ways].map(([source, transitions]) => [source, transitions.size]));
}

/** Lay a chart out in a worker of its own; rejects after twenty seconds. */
export async function layOut(chart: Chart): Promise<Layout> {
  // Made only here: who has a kept layout never loads the 1.6 MB of it.
  const [{ default: ELK }, { default: workerUrl }] = await Promise.all([
    import("elkjs/lib/elk-api"),
    import("elkjs/lib/elk-worker.min.js?url"),
  ]);
  const order = ordered(chart);
  const elk = new ELK({ workerUrl, workerFactory: (url) => new Worker(url!) });
  let timer = 0;
  const tooLong = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error("the layout took too long")), DEADLINE_MS);
  });
  try {
    const placed = await Promise.race([elk.layout(graphOf(order), { layoutOptions: NESTED }), tooLong]);
    return read(placed, order);
  } finally {
    clearTimeout(timer);
    elk.terminateWorker();
  }
}

function graphOf({ children, edges }: Ordered): ElkNode {
  const measure = new Measure();
  const inside = (parent: string | null): ElkNode[] =>
    (children.get(parent) ?? []).map((node) => nodeOf(node, inside(node.id), measure));
  const ways = waysOut(edges);
  return {
    id: "chart",
    layoutOptions: ROOT,
    children: inside(null),
    edges: edges.map((edge) => edgeOf(edge, measure.way(wayWords(edge, ways.get(edge.source) ?? 1)))),
  };
}

function nodeOf(node: ChartNode, children: ElkNode[], measure: Measure): ElkNode {
  if (!children.length) {
    const first = { "elk.layered.layering.layerConstraint": "FIRST" };
    const options = node.kind === "initial" ? { layoutOptions: first } : {};
    return { id: node.id, ...measure.state(node), ...options };
  }
  const { width, height } = measure.holder(node);
  return {
    id: node.id,
    children,
    layoutOptions: {
      "elk.padding": "[top=42,left=18,bottom=18,right=18]",
      "elk.nodeSize.constraints": "MINIMUM_SIZE",
      // Height first: elkjs 0.12.1 forgets to turn this with the direction of a nested graph.
      "elk.nodeSize.minimum": `(${height},${width})`,
    },
  };
}

function edgeOf(edge: DrawnEdge, size: { width: number; height: number } | null): ElkExtendedEdge {
  const label = size && { id: `${edge.id}/label`, text: "x", ...size };
  return { id: edge.id, sources: [edge.source], targets: [edge.target], labels: label ? [label] : [] };
}

function read(placed: ElkNode, order: Ordered): Layout {
  const nodes = new Map<string, Box & { id: string }>();
  const keep = (node: ElkNode): void => {
    for (const child of node.children ?? []) {
      nodes.set(child.id, { id: child.id, ...box(child) });
      keep(child);
    }
  };
  keep(placed);
  for (const node of order.nodes.values()) if (node.kind === "parallel") level(node.id, order, nodes);
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    nodes: [...nodes.values()],
    edges: (placed.edges ?? []).map((edge) => {
      const label = edge.labels?.[0];
      return { id: edge.id, points: points(edge), label: label ? box(label) : null };
    }),
  };
}

// Regions are sized each alone. They get one top and one bottom; what is inside stays where it
// was on the page, so the ways that lead there stay right.
function level(id: string, order: Ordered, nodes: Map<string, Box>): void {
  const regions = (order.children.get(id) ?? []).filter((node) => order.children.has(node.id));
  const boxes = regions.map((region) => nodes.get(region.id)!);
  const top = Math.min(...boxes.map(({ y }) => y));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  for (const [place, region] of regions.entries()) {
    const box = boxes[place]!;
    for (const child of order.children.get(region.id) ?? []) nodes.get(child.id)!.y += box.y - top;
    box.y = top;
    box.height = bottom - top;
  }
}

const whole = (value: number | undefined): number => Math.max(0, Math.round(value ?? 0));

function box({ x, y, width, height }: Partial<Box>): Box {
  return { x: whole(x), y: whole(y), width: whole(width), height: whole(height) };
}

function points(edge: ElkExtendedEdge): [number, number][] {
  const [section] = edge.sections ?? [];
  if (!section) return [];
  return [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }) => [
    whole(x),
    whole(y),
  ]);
}
