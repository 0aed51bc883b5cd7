// XState on the machines of bench/machines.py: pure transitions, an actor, and from text to text.
// usage: node xstate.mjs MACHINES.json CYCLES REPEATS -> one JSON line a case
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { createActor, initialTransition, setup, stateIn, and, transition } from "xstate"
import { rates } from "./rates.mjs"

const { flat, order, flatEvents, orderEvents } = JSON.parse(readFileSync(process.argv[2], "utf8"))
const [cycles, repeats] = [+process.argv[3], +process.argv[4]]
const { version } = createRequire(import.meta.url)("xstate/package.json")
const guards = {
  can_authorize: ({ context }) => context.total > 0,
  enough: ({ context, event }) => event.data.paid >= context.total,
  has_stock: ({ context }) => context.stock > 0,
}

// The JSON names states in guards; XState's own guards are functions.
function alive(state) {
  for (const each of Object.values(state.on ?? {})) if (typeof each.guard === "object") each.guard = living(each.guard)
  for (const inner of Object.values(state.states ?? {})) alive(inner)
  return state
}
function living(guard) {
  return guard.type === "and" ? and(guard.children.map(living)) : stateIn(guard.params.state)
}
const machines = { flat: setup({ guards }).createMachine(alive(flat)), order: setup({ guards }).createMachine(alive(order)) }
const events = { flat: flatEvents, order: orderEvents }

function mustBeDraft(value) {
  if (value !== "draft") throw new Error(`ended in ${JSON.stringify(value)}`)
}
function pure(name) {
  return (n) => {
    let [state] = initialTransition(machines[name])
    for (let i = 0; i < n; i++) for (const event of events[name]) [state] = transition(machines[name], state, event)
    mustBeDraft(state.value)
    return n * events[name].length
  }
}
function actor(name) {
  return (n) => {
    const running = createActor(machines[name]).start()
    for (let i = 0; i < n; i++) for (const event of events[name]) running.send(event)
    mustBeDraft(running.getSnapshot().value)
    return n * events[name].length
  }
}
function restoredPure(n) {
  const [first] = initialTransition(machines.order)
  let text = JSON.stringify(first)
  for (let i = 0; i < n; i++) for (const event of orderEvents) {
    const [state] = transition(machines.order, machines.order.resolveState(JSON.parse(text)), event)
    text = JSON.stringify(state)
    restoredPure.bytes = Math.max(restoredPure.bytes ?? 0, text.length)
  }
  mustBeDraft(JSON.parse(text).value)
  return n * orderEvents.length
}
function restoredActor(n) {
  let text = JSON.stringify(createActor(machines.order).start().getPersistedSnapshot())
  for (let i = 0; i < n; i++) for (const event of orderEvents) {
    const running = createActor(machines.order, { snapshot: JSON.parse(text) }).start()
    running.send(event)
    text = JSON.stringify(running.getPersistedSnapshot())
    running.stop()
    restoredActor.bytes = Math.max(restoredActor.bytes ?? 0, text.length)
  }
  mustBeDraft(JSON.parse(text).value)
  return n * orderEvents.length
}

const cases = [
  ["E1 flat", "XState pure", pure("flat"), cycles], ["E1 flat", "XState actor", actor("flat"), cycles],
  ["E1 order of 21 states", "XState pure", pure("order"), cycles],
  ["E1 order of 21 states", "XState actor", actor("order"), cycles],
  ["E2 restore, event, snapshot", "XState pure", restoredPure, cycles / 5],
  ["E2 restore, event, snapshot", "XState actor", restoredActor, cycles / 5],
]
for (const [name, peer, run, n] of cases) {
  const line = { benchmark: name.slice(0, 2), case: name, library: peer, version, node: process.version, ...rates(run, n, repeats), errors: 0 }
  if (run.bytes) line.snapshot_bytes_max = run.bytes
  console.log(JSON.stringify(line))
}
