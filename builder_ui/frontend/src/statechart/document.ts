// The chart as the server draws it up, and the data block in which it arrives. Everything that has
// an order is an array: objects lose theirs on the way.

export type NodeKind =
  | "atomic" | "compound" | "parallel" | "region" | "final" | "history" | "compensate" | "initial";

export interface ChartNode {
  id: string;
  parent: string | null;
  kind: NodeKind;
  label: string;
  works: { kind: "step" | "approval" | "human" | "flow"; words: string }[];
  is_initial: boolean;
  has_timer: boolean;
  outcome: string | null;
}

export interface ChartEdge {
  id: string;
  transition: string;
  source: string;
  target: string | null;
  kind: "initial" | "event" | "work" | "failure" | "timer" | "always";
  event: string;
  guard: string;
  order: number;
}

export interface DrawnEdge extends ChartEdge {
  target: string;
}

export interface Chart {
  key: string;
  name: string;
  nodes: ChartNode[];
  edges: ChartEdge[];
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Whole pixels: boxes of nodes relative to their parents, points and labels of edges absolute. */
export interface Layout {
  width: number;
  height: number;
  nodes: (Box & { id: string })[];
  edges: { id: string; points: [number, number][]; label: Box | null }[];
}

/** Runs in a state: how many, in words with the oldest's age, and where they are listed. */
export interface Standing {
  state: string;
  runs: number;
  words: string;
  href: string;
}

/** The way of one run: the states it is in and was in, and the transitions it took. */
export interface RunPath {
  active: string[];
  visited: string[];
  taken: string[];
  standing: "here" | "stopped" | "ended";
}

export interface ChartProps {
  chart: Chart;
  layout: Layout | null;
  drawn_for: string;
  keep_href: string | null;
  standing: Standing[];
  standing_href: string | null;
  run: RunPath | null;
}

export function readProps(id: string): ChartProps {
  const block = document.getElementById(id);
  if (!block) throw new Error(`the page has no data block #${id}`);
  return JSON.parse(block.textContent ?? "") as ChartProps;
}

/** The edges that lead from a state to a state; the others are told, not drawn. */
export function drawnEdges(chart: Chart): DrawnEdge[] {
  return chart.edges.filter((edge): edge is DrawnEdge => edge.target !== null && edge.source !== "");
}
