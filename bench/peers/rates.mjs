// Events a second of wall and of CPU time, from repeats of one run.
export function rates(run, cycles, repeats) {
  run(Math.max(20, cycles / 10))
  const wall = [], cpu = []
  for (let r = 0; r < repeats; r++) {
    const cpuBefore = process.cpuUsage(), before = performance.now()
    const events = run(cycles)
    const spent = process.cpuUsage(cpuBefore)
    wall.push(events / ((performance.now() - before) / 1e3))
    cpu.push(events / ((spent.user + spent.system) / 1e6))
  }
  return { per_s: spread(wall), per_cpu_s: spread(cpu) }
}

function spread(values) {
  const sorted = values.map(Math.round).sort((a, b) => a - b)
  return { min: sorted[0], med: sorted[sorted.length >> 1], max: sorted.at(-1) }
}
