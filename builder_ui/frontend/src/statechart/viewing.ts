// Where to look: the first view, and how far in or out one may go.
import type { Viewport } from "@xyflow/react";
import type { Box, Layout } from "./document";

export const ZOOM_MIN = 0.1;
export const ZOOM_MAX = 2;
const PADDING = 12;
// Smaller than this nobody reads a name, so a large chart begins with its beginning instead.
const READABLE = 0.65;

export interface Size {
  width: number;
  height: number;
}

/** As wide as the canvas where that can be read, the wanted box in sight and, if it may, the top. */
export function firstView(layout: Layout, canvas: Size, wanted: Box | undefined): Viewport {
  const fitting = (canvas.width - 2 * PADDING) / Math.max(layout.width, 1);
  const zoom = Math.min(1, Math.max(READABLE, fitting));
  const middle = wanted ? wanted.x + wanted.width / 2 : layout.width / 2;
  const centred = canvas.width / 2 - (fitting >= READABLE ? layout.width / 2 : middle) * zoom;
  // Where the chart is wider than the canvas, no room is left empty beside it.
  const most = canvas.width - layout.width * zoom - PADDING;
  const x = fitting >= READABLE ? centred : Math.min(PADDING, Math.max(most, centred));
  const below = wanted ? (wanted.y + wanted.height) * zoom + 2 * PADDING - canvas.height : 0;
  const y = below > 0 ? canvas.height / 2 - (wanted!.y + wanted!.height / 2) * zoom : PADDING;
  return { zoom, x, y };
}

/** What the styles for print make of the canvas: most of a page of A4, whatever the screen. */
const PAPER: Size = { width: 640, height: 900 };

export function wholeOnPaper(layout: Layout): Viewport {
  const zoom = Math.min(1, PAPER.width / layout.width, PAPER.height / layout.height);
  return { zoom, x: (PAPER.width - layout.width * zoom) / 2, y: 0 };
}

export function isInView(box: Box, view: Viewport, canvas: Size): boolean {
  const [left, top] = [box.x * view.zoom + view.x, box.y * view.zoom + view.y];
  const [right, bottom] = [left + box.width * view.zoom, top + box.height * view.zoom];
  return left >= 0 && top >= 0 && right <= canvas.width && bottom <= canvas.height;
}
