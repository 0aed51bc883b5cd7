// What a screen reader is told of the state or way that was walked to.
import type { ChartNode, DrawnEdge, Standing } from "./document";
import type { Chosen, Walk } from "./walking";
import { say, sayOf } from "../words";

const KINDS: Record<ChartNode["kind"], string> = {
  atomic: say("State"), compound: say("Group"), parallel: say("Parallel group"),
  region: say("Region"), final: say("End"), history: say("Return point"),
  compensate: say("Undoing"), initial: say("Start"),
};

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
    standing ? say("%(standing)s; Enter lists them.", { standing: standing.words }) : "",
    sayOf(walk.out(node.id).length, "%(count)s way out, %(into)s in.", "%(count)s ways out, %(into)s in.", {
      into: walk.into(node.id).length,
    }),
  ].filter(Boolean).join(" ");
}

function tellWay(edge: DrawnEdge, walk: Walk, nodes: ReadonlyMap<string, ChartNode>): string {
  const beside = walk.out(edge.source);
  const name = (id: string): string => nodes.get(id)?.label ?? id;
  return [
    say("Way %(rank)s of %(count)s from %(source)s to %(target)s.", {
      rank: beside.indexOf(edge) + 1, count: beside.length, source: name(edge.source), target: name(edge.target),
    }),
    edge.event && `${edge.event}.`,
    edge.guard && say("If %(guard)s.", { guard: edge.guard }),
  ].filter(Boolean).join(" ");
}
