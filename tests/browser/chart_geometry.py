"""Questions about a drawn chart, asked of what the browser really shows."""

from playwright.sync_api import Page, expect

_FAULTS = """() => {
  const chart = JSON.parse(document.getElementById("chart-props").textContent).chart;
  const boxes = new Map([...document.querySelectorAll(".react-flow__node")]
    .map((node) => [node.dataset.id, node.getBoundingClientRect()]));
  const faults = [];
  const holders = new Set(chart.nodes.map(({ parent }) => parent));
  const inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1
    && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  for (const { id, parent } of chart.nodes) {
    if (!boxes.has(id)) faults.push(`${id} is not drawn`);
    else if (parent !== null && !inside(boxes.get(id), boxes.get(parent)))
      faults.push(`${id} is not inside ${parent}`);
  }
  const pairs = (things, name) => things.forEach((one, place) => {
    for (const other of things.slice(place + 1))
      if (overlap(one.box, other.box)) faults.push(`${name} ${one.id} and ${other.id} overlap`);
  });
  for (const parent of holders)
    pairs(chart.nodes.filter((node) => node.parent === parent)
      .map(({ id }) => ({ id, box: boxes.get(id) })), "states");
  const labels = [...document.querySelectorAll(".way-label")]
    .map((label) => ({ id: label.innerText, box: label.getBoundingClientRect() }));
  pairs(labels, "labels");
  const solid = chart.nodes.filter(({ id }) => !holders.has(id));
  for (const label of labels) for (const { id } of solid)
    if (overlap(label.box, boxes.get(id))) faults.push(`label ${label.id} lies on ${id}`);
  const lines = [...document.querySelectorAll(".way-line")];
  const wanted = chart.edges.filter(({ source, target }) => source && target !== null).length;
  if (lines.length !== wanted) faults.push(`${lines.length} of ${wanted} ways are drawn`);
  for (const line of lines) if (!line.getTotalLength()) faults.push("a way has no route");
  for (const text of document.querySelectorAll(".state-name, .way-label"))
    if (text.scrollWidth > text.clientWidth + 1) faults.push(`"${text.innerText}" is clipped`);
  return faults;
}"""


def await_chart(page: Page) -> str:
    """Wait for the chart, and tell whether its layout was `kept` or is `made` here."""
    place = page.locator("#chart")
    expect(place.locator(".react-flow__node").first).to_be_visible(timeout=15_000)
    return place.get_attribute("data-layout") or ""


def faults_of_drawing(page: Page) -> list[str]:
    """Return what is wrong with a drawn chart: outside, overlapping, clipped, without a route."""
    found: list[str] = page.evaluate(_FAULTS)
    return found
