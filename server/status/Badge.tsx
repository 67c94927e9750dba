import type { JSX } from "preact";
import { isolated } from "../../shared/format_characters.ts";
import type { ComponentState } from "../../shared/status/states.ts";
import { STATE_WORDS } from "../../shared/status/words.ts";

const HEIGHT = 20;
const PADDING = 6;
/** Of the font that the badge asks for, on average; the text is stretched to fit. */
const CHARACTER_WIDTH = 6.5;

const COLOURS: Readonly<Record<ComponentState, string>> = {
  operational: "#157a4c",
  under_maintenance: "#2f4fa8",
  unknown: "#5f5a51",
  degraded_performance: "#8a5a00",
  partial_outage: "#9a4a06",
  major_outage: "#b3261e",
};

/** A picture of one state for pages elsewhere. */
export function Badge(
  { name, state }: { readonly name: string; readonly state: ComponentState },
): JSX.Element {
  const word = STATE_WORDS[state].toLowerCase();
  const left = widthOf(name);
  const right = widthOf(word);
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={left + right}
      height={HEIGHT}
      role="img"
      aria-label={`${isolated(name)}: ${word}`}
    >
      <title>{`${isolated(name)}: ${word}`}</title>
      <rect width={left + right} height={HEIGHT} rx="3" fill="#33302b" />
      <path
        d={`M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-${right - 3}z`}
        fill={COLOURS[state]}
      />
      <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
        <text x={PADDING} y="14" textLength={left - 2 * PADDING}>{name}</text>
        <text x={left + PADDING} y="14" textLength={right - 2 * PADDING}>{word}</text>
      </g>
    </svg>
  );
}

function widthOf(text: string): number {
  return Math.round([...text].length * CHARACTER_WIDTH) + 2 * PADDING;
}
