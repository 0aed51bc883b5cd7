// Plays charts on SCION: one JSON request a line ({scxml, events}), one JSON answer a line: the
// configuration after the start and after each event, innermost states alone, sorted. A chart
// that does not come to rest in time is answered with an error, and costs nobody else anything.
const readline = require("node:readline")
const { Worker, isMainThread, parentPort } = require("node:worker_threads")

const PATIENCE_MS = 30000
// By default SCION lets a parallel state bound a transition; the standard says compound states
// only. Its own option for that is switched off by a plain assignment, which this one survives.
const standard = Object.defineProperty({}, "legacySemantics", { get: () => true, set: () => {} })

function play(scxml, { scxml: text, events }, answer) {
  const failed = (error) => answer({ error: String((error && error.message) || error) })
  scxml.documentStringToModel("chart.scxml", text, (error, model) => {
    if (error) return failed(error)
    model.prepare((problem, chart) => {
      if (problem) return failed(problem)
      try {
        const interpreter = new scxml.core.Statechart(chart, standard)
        const configurations = [interpreter.start().slice().sort()]
        for (const name of events) configurations.push((interpreter.gen({ name }) || []).slice().sort())
        answer({ configurations })
      } catch (thrown) {
        failed(thrown)
      }
    })
  })
}

function hired() {
  const worker = new Worker(__filename)
  worker.on("message", (answer) => worker.answer(answer))
  return worker
}

function supervise() {
  let worker = hired()
  const ask = (request) => new Promise((resolve) => {
    const timer = setTimeout(() => {
      worker.terminate()
      worker = hired()
      resolve({ error: "did not come to rest" })
    }, PATIENCE_MS)
    worker.answer = (answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    worker.postMessage(request)
  })
  let last = Promise.resolve()
  const lines = readline.createInterface({ input: process.stdin })
  lines.on("line", (line) => {
    last = last.then(() => ask(JSON.parse(line))).then((answer) => console.log(JSON.stringify(answer)))
  })
  lines.on("close", () => last.then(() => worker.terminate()))
}

if (isMainThread) supervise()
else {
  const scxml = require("@scion-scxml/scxml")
  parentPort.on("message", (request) => play(scxml, request, (answer) => parentPort.postMessage(answer)))
}
