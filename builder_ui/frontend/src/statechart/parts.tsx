// What stands on the canvas: states, the frames of states that hold others, dots, and ways.
import {
  EdgeLabelRenderer, type Edge, type EdgeProps, Handle, type Node, type NodeProps, Position,
} from "@xyflow/react";
import { createContext, memo, useContext } from "react";
import type { Box, ChartNode, DrawnEdge, RunPath, Standing } from "./document";
import { markOf, signOf, type WayWords } from "./measuring";
import { say } from "../words";

/** How a state or way stands to the run that is shown; nothing where no run is. */
export type Passed = "active" | "visited" | "untouched" | "none";

export type StateNode = Node<{ node: ChartNode; passed: Passed; standing: RunPath["standing"] }>;
export type WayEdge = Edge<{
  edge: DrawnEdge;
  words: WayWords;
  points: [number, number][];
  label: Box | null;
  passed: Passed;
}>;

// The canvas stacks ways and frames by numbers, and words must be above both.
const ABOVE_WAYS = 1001;

/** Who stands where, apart from the nodes: it changes while they do not. */
export const Standings = createContext<ReadonlyMap<string, Standing>>(new Map());
export const Choose = createContext<(wayId: string) => void>(() => undefined);

const Ends = () => (
  <>
    <Handle type="target" position={Position.Top} isConnectable={false} />
    <Handle type="source" position={Position.Bottom} isConnectable={false} />
  </>
);

// The list of runs is reached by Enter too, so this is no second stop of the Tab key.
function Runs({ state }: { state: string }) {
  const standing = useContext(Standings).get(state);
  if (!standing) return null;
  return (
    <a className="state-runs nodrag nopan" tabIndex={-1} href={standing.href}>
      {standing.words}
    </a>
  );
}

const HERE = { here: say("Here"), stopped: say("Stopped here"), ended: say("Ended here") } as const;

function Here({ passed, standing }: { passed: Passed; standing: RunPath["standing"] }) {
  return passed === "active" ? <span className={`state-here ${standing}`}>{HERE[standing]}</span> : null;
}

const classes = (node: ChartNode, passed: Passed, selected: boolean): string =>
  ["state", `state-${node.kind}`, `passed-${passed}`, selected && "chosen"].filter(Boolean).join(" ");

const State = memo(({ data: { node, passed, standing }, selected }: NodeProps<StateNode>) => (
  <div className={classes(node, passed, selected)} title={node.label}>
    <Ends />
    <div className="state-name">
      <span aria-hidden="true">{markOf(node)}</span>
      {node.label}
    </div>
    {node.works.map((work, place) => (
      <div className="state-work" key={place} title={work.words}>
        <span aria-hidden="true">{signOf(work.kind)} </span>
        {work.words}
      </div>
    ))}
    <Runs state={node.id} />
    <Here passed={passed} standing={standing} />
  </div>
));

const Holder = memo(({ data: { node, passed }, selected }: NodeProps<StateNode>) => (
  <div className={classes(node, passed, selected)}>
    <Ends />
    <div className="state-head">
      <span className="state-name" title={node.label}>
        <span aria-hidden="true">{markOf(node)}</span>
        {node.label}
      </span>
      <Runs state={node.id} />
    </div>
  </div>
));

const Dot = memo(() => (
  <div className="state-dot">
    <Ends />
  </div>
));

const Memory = memo(({ data: { node, passed }, selected }: NodeProps<StateNode>) => (
  <div className={classes(node, passed, selected)} title={node.label}>
    <Ends />H
  </div>
));

const Way = memo(({ id, data, selected }: EdgeProps<WayEdge>) => {
  const choose = useContext(Choose);
  if (!data) return null;
  const { edge, points, label, words, passed } = data;
  const path = rounded(points);
  const named = ["way", `way-${edge.kind}`, `passed-${passed}`, selected && "chosen"].filter(Boolean).join(" ");
  return (
    <>
      <g className={named} data-way={edge.transition || id}>
        <path className="way-reach" d={path} />
        <path className="way-line" d={path} />
        <path className="way-head" d={head(points)} />
      </g>
      {label && (
        <EdgeLabelRenderer>
          <button
            type="button"
            tabIndex={-1}
            className={`${named} way-label nodrag nopan`}
            title={[words.event, edge.guard && say("if %(guard)s", { guard: edge.guard })].filter(Boolean).join(" ")}
            style={{ zIndex: ABOVE_WAYS, transform: `translate(${label.x}px, ${label.y}px)`, width: label.width, height: label.height }}
            onClick={() => choose(id)}
          >
            {words.event && <b>{words.event}</b>}
            {words.guard.map((line, place) => <span key={place}>{line}</span>)}
          </button>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

const CORNER = 6;

// Right-angled ways with small rounded corners, which the eye follows better than sharp ones.
function rounded(points: [number, number][]): string {
  const [start, ...rest] = points;
  if (!start || !rest.length) return "";
  const parts = [`M${start[0]} ${start[1]}`];
  for (const [place, [x, y]] of rest.entries()) {
    const before = points[place]!;
    const after = points[place + 2];
    if (!after) parts.push(`L${x} ${y}`);
    else {
      const [x1, y1] = towards([x, y], before);
      const [x2, y2] = towards([x, y], after);
      parts.push(`L${x1} ${y1}Q${x} ${y} ${x2} ${y2}`);
    }
  }
  return parts.join("");
}

function towards([x, y]: [number, number], [ox, oy]: [number, number]): [number, number] {
  const length = Math.hypot(ox - x, oy - y) || 1;
  const share = Math.min(CORNER, length / 2) / length;
  return [x + (ox - x) * share, y + (oy - y) * share];
}

function head(points: [number, number][]): string {
  const [x, y] = points.at(-1) ?? [0, 0];
  const [fx, fy] = points.at(-2) ?? [x, y - 1];
  const length = Math.hypot(x - fx, y - fy) || 1;
  const [dx, dy] = [(x - fx) / length, (y - fy) / length];
  const [bx, by] = [x - dx * 8, y - dy * 8];
  return `M${x} ${y}L${bx - dy * 4} ${by + dx * 4}L${bx + dy * 4} ${by - dx * 4}Z`;
}

// None is called "group": the canvas gives that name a border of its own.
export const nodeTypes = { state: State, holder: Holder, dot: Dot, memory: Memory };
export const edgeTypes = { way: Way };
