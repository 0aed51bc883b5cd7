// The order in which a chart is laid out and walked. It follows from where the chart begins and
// where its ways lead, never from the order of storage: the same chart always looks the same.
import { type Chart, type ChartNode, type DrawnEdge, drawnEdges } from "./document";

export interface Ordered {
  /** Nodes by parent: the dot first, then as a run would meet them; null is the outermost level. */
  children: Map<string | null, ChartNode[]>;
  edges: DrawnEdge[];
  nodes: Map<string, ChartNode>;
}

const byId = (one: { id: string }, other: { id: string }): number =>
  one.id < other.id ? -1 : one.id > other.id ? 1 : 0;

export function ordered(chart: Chart): Ordered {
  const nodes = new Map(chart.nodes.map((node) => [node.id, node]));
  const edges = drawnEdges(chart).sort(
    (one, other) => byId({ id: one.source }, { id: other.source }) || one.order - other.order || byId(one, other),
  );
  const children = new Map<string | null, ChartNode[]>();
  for (const [parent, level] of Map.groupBy([...chart.nodes].sort(byId), (node) => node.parent)) {
    children.set(parent, inReadingOrder(parent, level, edges, nodes));
  }
  const rank = new Map(preorder(children).map((node, place) => [node.id, place]));
  edges.sort(
    (one, other) =>
      rank.get(one.source)! - rank.get(other.source)! || one.order - other.order || byId(one, other),
  );
  return { children, edges, nodes };
}

export function preorder(children: Map<string | null, ChartNode[]>): ChartNode[] {
  const below = (parent: string | null): ChartNode[] =>
    (children.get(parent) ?? []).flatMap((node) => [node, ...below(node.id)]);
  return below(null);
}

// Reverse post-order of a depth-first walk: what every way passes stands before what it leads to.
// Breadth first would put the target of a short cut above the long way round.
function inReadingOrder(
  parent: string | null,
  level: ChartNode[],
  edges: DrawnEdge[],
  nodes: Map<string, ChartNode>,
): ChartNode[] {
  const leads = new Map<string, string[]>(level.map((node) => [node.id, []]));
  for (const edge of edges) {
    const source = lifted(edge.source, parent, nodes);
    const target = lifted(edge.target, parent, nodes);
    if (source && target && source !== target) leads.get(source)?.push(target);
  }
  const met = new Set<string>();
  const left: string[] = [];
  const walk = (id: string): void => {
    if (met.has(id)) return;
    met.add(id);
    for (const next of (leads.get(id) ?? []).toReversed()) walk(next);
    left.push(id);
  };
  const dot = level.filter(({ kind }) => kind === "initial");
  const reached: string[] = [];
  for (const start of [...dot, ...level]) {
    left.length = 0;
    walk(start.id);
    reached.push(...left.toReversed());
  }
  return reached.map((id) => nodes.get(id)!);
}

// The sibling on this level that a node is, or is inside of.
function lifted(id: string, level: string | null, nodes: Map<string, ChartNode>): string | null {
  for (let node = nodes.get(id); node; node = nodes.get(node.parent ?? "")) {
    if (node.parent === level) return node.id;
  }
  return null;
}
