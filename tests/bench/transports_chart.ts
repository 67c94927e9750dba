import { formatCount, formatMs } from "./transports_table.ts";
import type { Figures } from "./transports_table.ts";

interface Panel {
  readonly title: string;
  readonly note: string;
  readonly valueOf: (figures: Figures) => number;
  readonly format: (value: number) => string;
}

const PANELS: readonly Panel[] = [
  {
    title: "Until others have a message",
    note: "p99, at 20 messages a minute",
    valueOf: ({ busy }) => busy.delayMs.p99,
    format: formatMs,
  },
  {
    title: "Requests of an idle tab",
    note: "a minute; nobody writes anything",
    valueOf: ({ idle }) => idle.requestsPerMinute,
    format: formatCount,
  },
  {
    title: "Bytes of a message",
    note: "for each person, at 20 messages a minute",
    valueOf: ({ busy }) => busy.bytesPerMessage,
    format: formatCount,
  },
  {
    title: "Server CPU of a message",
    note: "for each person, at 20 messages a minute",
    valueOf: ({ busy }) => busy.cpuMicrosPerMessage / 1_000,
    format: formatMs,
  },
];

const WIDTH = 880;
const MARGIN = 28;
const GAP = 40;
const COLUMN_COUNT = 2;
const PANEL_WIDTH = (WIDTH - 2 * MARGIN - GAP) / COLUMN_COUNT;
const HEAD_HEIGHT = 56;
const ROW_HEIGHT = 30;
const BAR_HEIGHT = 14;
const LABEL_WIDTH = 124;
const VALUE_WIDTH = 68;
/** A value above 0 can be seen. */
const BAR_MIN_WIDTH = 2;

/** The colours of `static/css/tokens.css`: ground, lines and text, and the accent for the default transport. */
const STYLE = `
  .paper { fill: #fffefb; stroke: #e6e1d7 }
  .title { fill: #1d1b18; font-weight: 600; font-size: 15px }
  .note { fill: #6f695f; font-size: 13px }
  .label, .value { fill: #5f5a51; font-size: 13px }
  .axis { stroke: #cfc8ba }
  .bar { fill: #8d867a }
  .default .bar { fill: #0b6b5d }
  .default .label, .default .value { fill: #07564b; font-weight: 600 }
  text { font-family: ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif }
  .value { font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #1a1d1f; stroke: #2c3134 }
    .title { fill: #eceae5 }
    .note { fill: #989690 }
    .label, .value { fill: #a7a49d }
    .axis { stroke: #41484c }
    .bar { fill: #777e82 }
    .default .bar { fill: #6cd0bb }
    .default .label, .default .value { fill: #8adfcd }
  }`;

/** Draws the figures as bars in an SVG for light and dark pages; the first contender is the default. */
export function drawTransports(figures: readonly Figures[]): string {
  const panelHeight = HEAD_HEIGHT + figures.length * ROW_HEIGHT;
  const rowCount = Math.ceil(PANELS.length / COLUMN_COUNT);
  const height = 2 * MARGIN + rowCount * panelHeight + (rowCount - 1) * GAP;
  const panels = PANELS.map((panel, index) => {
    const x = MARGIN + (index % COLUMN_COUNT) * (PANEL_WIDTH + GAP);
    const y = MARGIN + Math.floor(index / COLUMN_COUNT) * (panelHeight + GAP);
    return `<g transform="translate(${x} ${y})">\n${drawPanel(panel, figures)}\n</g>`;
  });
  const summary = PANELS.map((panel) =>
    `${panel.title}, ${panel.note}: ${
      figures.map((one) => `${one.name} ${panel.format(panel.valueOf(one))}`).join(", ")
    }.`
  ).join(" ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${
      escape(summary)
    }">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="16"/>`,
    ...panels,
    `</svg>\n`,
  ].join("\n");
}

function drawPanel({ title, note, valueOf, format }: Panel, figures: readonly Figures[]): string {
  const barWidth = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const most = Math.max(...figures.map(valueOf));
  const rows = figures.map((one, index) => {
    const value = valueOf(one);
    const width = value > 0 ? Math.max(BAR_MIN_WIDTH, barWidth * value / most) : 0;
    const middle = HEAD_HEIGHT + index * ROW_HEIGHT + ROW_HEIGHT / 2;
    return [
      `<g${index === 0 ? ' class="default"' : ""}>`,
      `<text class="label" x="0" y="${middle + 5}">${escape(one.name)}</text>`,
      `<rect class="bar" x="${LABEL_WIDTH}" y="${middle - BAR_HEIGHT / 2}" width="${
        width.toFixed(1)
      }" height="${BAR_HEIGHT}" rx="2"/>`,
      `<text class="value" x="${(LABEL_WIDTH + width + 8).toFixed(1)}" y="${middle + 5}">${
        escape(format(value))
      }</text>`,
      "</g>",
    ].join("");
  });
  const bottom = HEAD_HEIGHT + figures.length * ROW_HEIGHT;
  return [
    `<text class="title" x="0" y="16">${escape(title)}</text>`,
    `<text class="note" x="0" y="37">${escape(note)}</text>`,
    `<path class="axis" d="M${LABEL_WIDTH} ${HEAD_HEIGHT}V${bottom}"/>`,
    ...rows,
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
