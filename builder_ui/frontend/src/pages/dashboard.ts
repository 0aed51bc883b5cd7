// A dashboard: its figures are drawn by a chunk that no other page loads.
import type { Drawing } from "../figures/drawing";

const block = document.getElementById("figures");
if (block?.textContent) {
  const drawing = JSON.parse(block.textContent) as Drawing;
  void import("../figures/drawing").then(({ drawFigures }) => drawFigures(drawing));
}
