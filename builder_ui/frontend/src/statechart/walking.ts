// Walking a chart by keyboard. Down follows a way, up goes back, left leads out of a state and
// right into it; on a way, left and right turn to the ways beside it. Pure.
import type { ChartNode, DrawnEdge } from "./document";
import { type Ordered, preorder } from "./order";

export type Chosen = { kind: "state" | "way"; id: string } | null;

const state = (id: string): Chosen => ({ kind: "state", id });
const way = (id: string): Chosen => ({ kind: "way", id });

export class Walk {
  readonly states: ChartNode[];
  private readonly ways: DrawnEdge[];

  constructor(
    private readonly order: Ordered,
    private readonly home: string | undefined,
  ) {
    this.states = preorder(order.children).filter(({ kind }) => kind !== "initial");
    this.ways = order.edges.filter(({ kind }) => kind !== "initial");
  }

  out(id: string): DrawnEdge[] {
    return this.ways.filter(({ source }) => source === id);
  }

  into(id: string): DrawnEdge[] {
    return this.ways.filter(({ target }) => target === id);
  }

  find(id: string): DrawnEdge | undefined {
    return this.ways.find((edge) => edge.id === id);
  }

  step(from: Chosen, key: string): Chosen {
    if (key === "Home" || !from) return this.start();
    return from.kind === "state" ? this.fromState(from.id, key) ?? from : this.fromWay(from.id, key) ?? from;
  }

  private start(): Chosen {
    const first = this.home ?? this.states.find((node) => node.is_initial)?.id ?? this.states[0]?.id;
    return first === undefined ? null : state(first);
  }

  private fromState(id: string, key: string): Chosen {
    const node = this.order.nodes.get(id);
    if (!node) return this.start();
    const beside = this.siblings(node.parent);
    const place = beside.indexOf(node);
    const next = {
      ArrowDown: () => first(this.out(id), way),
      ArrowUp: () => first(this.into(id), way),
      ArrowLeft: () => (node.parent === null ? null : state(node.parent)),
      ArrowRight: () => first(this.siblings(id), state),
      "]": () => at(beside, place + 1, state),
      "[": () => at(beside, place - 1, state),
    }[key];
    return next?.() ?? null;
  }

  private fromWay(id: string, key: string): Chosen {
    const edge = this.find(id);
    if (!edge) return this.start();
    const beside = this.out(edge.source);
    const place = beside.indexOf(edge);
    const next = {
      ArrowDown: () => state(edge.target),
      ArrowUp: () => state(edge.source),
      ArrowRight: () => at(beside, place + 1, way),
      ArrowLeft: () => at(beside, place - 1, way),
      "]": () => at(beside, place + 1, way),
      "[": () => at(beside, place - 1, way),
    }[key];
    return next?.() ?? null;
  }

  private siblings(parent: string | null): ChartNode[] {
    return (this.order.children.get(parent) ?? []).filter(({ kind }) => kind !== "initial");
  }
}

function first(found: { id: string }[], choose: (id: string) => Chosen): Chosen {
  return found[0] ? choose(found[0].id) : null;
}

// Past the last comes the first: a row of siblings has no end to fall off.
function at(row: { id: string }[], place: number, choose: (id: string) => Chosen): Chosen {
  const found = row.at(place % row.length);
  return found ? choose(found.id) : null;
}
