// SCION on the machines of bench/machines.py, as SCXML.
// usage: node scion.mjs MACHINES.json CYCLES REPEATS -> one JSON line a case
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { rates } from "./rates.mjs"

const require = createRequire(import.meta.url)
const scxml = require("@scion-scxml/scxml")
const { version } = require("@scion-scxml/scxml/package.json")
const machines = JSON.parse(readFileSync(process.argv[2], "utf8"))
const [cycles, repeats] = [+process.argv[3], +process.argv[4]]

function chart(text) {
  return new Promise((resolve, reject) => scxml.documentStringToModel("chart.scxml", text, (error, model) => {
    if (error) return reject(error)
    model.prepare((problem, prepared) => (problem ? reject(problem) : resolve(prepared)))
  }))
}
for (const name of ["flat", "order"]) {
  const events = machines[`${name}Events`].map((event) => ({ name: event.type, data: event.data }))
  const prepared = await chart(machines[`${name}Scxml`])
  const run = (n) => {
    const interpreter = new scxml.core.Statechart(prepared)
    let configuration = interpreter.start()
    for (let i = 0; i < n; i++) for (const event of events) configuration = interpreter.gen(event)
    if (String(configuration) !== "draft") throw new Error(`ended in ${configuration}`)
    return n * events.length
  }
  const title = name === "flat" ? "E1 flat" : "E1 order of 21 states"
  console.log(JSON.stringify({ benchmark: "E1", case: title, library: "SCION", version, node: process.version, ...rates(run, cycles, repeats), errors: 0 }))
}
