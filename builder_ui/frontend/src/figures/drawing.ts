// Draws the figures of a dashboard with ECharts as SVG: text stays text, on paper as well.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TooltipComponent, SVGRenderer]);

export interface Figure {
  id: string;
  shape: "bar" | "ranking" | "line";
  unit: "count" | "per_mille" | "minutes";
  measure: string;
  labels: string[];
  values: (number | null)[];
  told: string[];
  hrefs: (string | null)[];
}

export interface Drawing {
  language: string;
  charts: Figure[];
}

const PAPER_WIDTH = 640;

// Returns what draws newer figures into the same places.
export function drawFigures({ language, charts }: Drawing): (newer: Drawing) => void {
  const drawn = charts.flatMap((figure) => {
    const canvas = document.querySelector<HTMLElement>(`[data-figure="${figure.id}"] .figure-canvas`);
    if (!canvas) return [];
    const chart = init(canvas, null, { renderer: "svg" });
    const shown = { chart, figure };
    chart.on("click", ({ dataIndex }) => follow(shown.figure, dataIndex));
    new ResizeObserver(() => chart.resize()).observe(canvas);
    return [shown];
  });
  const paint = (): void => drawn.forEach(({ chart, figure }) => show(chart, figure, language));
  paint();
  // Colours are read when they are drawn: another theme draws again.
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  addEventListener("beforeprint", () => drawn.forEach(({ chart }) => chart.resize({ width: PAPER_WIDTH })));
  addEventListener("afterprint", () => drawn.forEach(({ chart }) => chart.resize({ width: "auto" })));
  document.documentElement.dataset["figures"] = "drawn";
  return (newer) => {
    for (const shown of drawn)
      shown.figure = newer.charts.find(({ id }) => id === shown.figure.id) ?? shown.figure;
    paint();
  };
}

function follow(figure: Figure, place: number): void {
  const href = figure.hrefs[place];
  if (href) location.assign(href);
}

function show(chart: ECharts, figure: Figure, language: string): void {
  const ranks = figure.shape === "ranking";
  const ink = { text: colour("--muted"), line: colour("--line"), series: colour("--chart-1") };
  const names = {
    type: "category" as const,
    data: figure.labels,
    inverse: ranks,
    axisLabel: { color: ink.text, hideOverlap: true },
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { show: false },
  };
  const amounts = {
    type: "value" as const,
    minInterval: figure.unit === "count" ? 1 : 0,
    axisLabel: { color: ink.text, formatter: (value: number) => spell(figure, value, language) },
    splitLine: { lineStyle: { color: ink.line } },
  };
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    // A family by name: measured with "inherit", words would overlap.
    textStyle: { fontFamily: "system-ui, sans-serif", fontSize: 12 },
    grid: { left: 8, right: 16, top: 12, bottom: 8, containLabel: true },
    tooltip: {
      trigger: "axis",
      backgroundColor: colour("--surface"),
      borderColor: ink.line,
      textStyle: { color: colour("--text") },
      formatter: (shown: unknown) => tip(figure, shown),
    },
    xAxis: ranks ? amounts : names,
    yAxis: ranks ? names : amounts,
    series: [
      {
        type: figure.shape === "line" ? "line" : "bar",
        data: figure.values,
        name: figure.measure,
        itemStyle: { color: ink.series },
        lineStyle: { color: ink.series, width: 2 },
        connectNulls: true,
        symbolSize: 6,
        barMaxWidth: 28,
        cursor: figure.hrefs.some(Boolean) ? "pointer" : "default",
      },
    ],
  });
}

// An element, not markup: markup would carry style attributes, which the policy refuses.
function tip(figure: Figure, shown: unknown): HTMLElement {
  const first = (Array.isArray(shown) ? shown[0] : shown) as { dataIndex: number } | undefined;
  const told = document.createElement("div");
  const place = first?.dataIndex ?? -1;
  told.textContent = `${figure.labels[place] ?? ""}: ${figure.told[place] ?? ""}`;
  return told;
}

function spell(figure: Figure, value: number, language: string): string {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  if (figure.unit === "per_mille") return `${format.format(value / 10)} %`;
  if (figure.unit === "minutes") {
    return value >= 2880 ? `${format.format(value / 1440)} d` : `${format.format(value / 60)} h`;
  }
  return format.format(value);
}

// A token may hold light-dark(): only the colour of an element says which of the two it is.
function colour(token: string): string {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
