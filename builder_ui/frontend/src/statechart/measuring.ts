// How large the parts of a chart are: the layout must know before anything is on the page. The
// sizes are pixels, as the styles of the chart are, whatever size of text the reader has chosen.
import type { ChartNode, DrawnEdge } from "./document";
import { say } from "../words";

export const WORK_LINE = 17;
const LABEL_LINE = 15;
const NAME_MAX = 440;
const WORK_MAX = 230;
// A rule in two short lines: long ones made charts a third wider, and are read in the outline.
const GUARD_CHARS = 24;
const GUARD_LINES = 2;
// Other machines have other fonts, and a kept layout is for all of them.
const SLACK = 1.08;

const SIGNS = { step: "⚙", approval: "✓", human: "?", flow: "▶" } as const;

export interface WayWords {
  event: string;
  guard: string[];
}

export class Measure {
  private readonly context = document.createElement("canvas").getContext("2d")!;
  private readonly family = getComputedStyle(document.body).fontFamily;
  private readonly known = new Map<string, number>();

  private text(words: string, font: string): number {
    const key = `${font}|${words}`;
    let width = this.known.get(key);
    if (width === undefined) {
      this.context.font = `${font} ${this.family}`;
      width = Math.ceil(this.context.measureText(words).width * SLACK);
      this.known.set(key, width);
    }
    return width;
  }

  state(node: ChartNode): { width: number; height: number } {
    if (node.kind === "initial") return { width: 14, height: 14 };
    if (node.kind === "history") return { width: 30, height: 30 };
    const lines = [
      Math.min(this.text(markOf(node) + node.label, "600 13px"), NAME_MAX),
      ...node.works.map((work) => Math.min(this.text(`${SIGNS[work.kind]} ${work.words}`, "12px"), WORK_MAX)),
      // "12 runs, oldest 3 weeks" has its own line in every state where a run can rest.
      node.kind === "final" ? 0 : this.text("12 runs, oldest 3 weeks", "12px"),
    ];
    const width = Math.max(...lines) + 28;
    const rows = node.works.length + (node.kind === "final" ? 0 : 1);
    return { width, height: 34 + rows * WORK_LINE };
  }

  /** The least that the frame of a state with states inside may be: its name and its runs fit. */
  holder(node: ChartNode): { width: number; height: number } {
    return { width: this.text(markOf(node) + node.label, "600 13px") + this.text("12 runs", "12px") + 60, height: 80 };
  }

  way(words: WayWords): { width: number; height: number } | null {
    const lines = words.guard.map((line) => this.text(line, "11.5px"));
    if (words.event) lines.push(this.text(words.event, "600 11.5px"));
    if (!lines.length) return null;
    return { width: Math.max(...lines) + 12, height: lines.length * LABEL_LINE + 4 };
  }
}

/** What stands before the name of a state that undoes or has a timer. */
export const markOf = (node: ChartNode): string =>
  (node.kind === "compensate" ? "↶ " : "") + (node.has_timer ? "◷ " : "");

export const signOf = (kind: keyof typeof SIGNS): string => SIGNS[kind];

/** What stands beside a way: its rank where there are several, what it waits for, and under which rule. */
export function wayWords(edge: DrawnEdge, ways: number): WayWords {
  if (edge.kind === "initial") return { event: "", guard: [] };
  const said = edge.event || (edge.guard ? say("If") : ways > 1 ? say("Otherwise") : "");
  const rank = ways > 1 && said ? `${edge.order}. ` : "";
  return { event: said && rank + said, guard: edge.guard ? broken(`[${edge.guard}]`) : [] };
}

function broken(guard: string): string[] {
  const lines: string[] = [];
  let left = guard;
  while (left && lines.length < GUARD_LINES) {
    const blank = left.length <= GUARD_CHARS ? left.length : left.lastIndexOf(" ", GUARD_CHARS);
    const end = blank < GUARD_CHARS / 3 ? GUARD_CHARS : blank;
    lines.push(left.slice(0, end));
    left = left.slice(end).trimStart();
  }
  if (left) lines.push(`${lines.pop()}…`);
  return lines;
}
