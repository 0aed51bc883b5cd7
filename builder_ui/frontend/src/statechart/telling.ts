// What a screen reader is told of the state or way that was walked to.
import type { ChartNode, DrawnEdge, Standing } from "./document";
import type { Chosen, Walk } from "./walking";

const KINDS: Record<ChartNode["kind"], string> = {
  atomic: "State", compound: "Group", parallel: "Parallel group", region: "Region", final: "End",
  history: "Return point", compensate: "Undoing", initial: "Start",
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

export function tell(
  chosen: Chosen,
  walk: Walk,
  nodes: ReadonlyMap<string, ChartNode>,
  standing: ReadonlyMap<string, Standing>,
): string {
  if (!chosen) return "";
  if (chosen.kind === "state") {
    const node = nodes.get(chosen.id);
    return node ? tellState(node, walk, standing.get(node.id)) : "";
  }
  const edge = walk.find(chosen.id);
  return edge ? tellWay(edge, walk, nodes) : "";
}

function tellState(node: ChartNode, walk: Walk, standing: Standing | undefined): string {
  return [
    `${KINDS[node.kind]} ${node.label}.`,
    ...node.works.map((work) => `${work.words}.`),
    standing ? `${standing.words}; Enter lists them.` : "",
    `${counted(walk.out(node.id).length, "way")} out, ${walk.into(node.id).length} in.`,
  ].filter(Boolean).join(" ");
}

function tellWay(edge: DrawnEdge, walk: Walk, nodes: ReadonlyMap<string, ChartNode>): string {
  const beside = walk.out(edge.source);
  const name = (id: string): string => nodes.get(id)?.label ?? id;
  return [
    `Way ${beside.indexOf(edge) + 1} of ${beside.length} from ${name(edge.source)} to ${name(edge.target)}.`,
    edge.event && `${edge.event}.`,
    edge.guard && `If ${edge.guard}.`,
  ].filter(Boolean).join(" ");
}
