import { timeText } from "../status_text.ts";
import { clauseOf } from "../../../shared/status/sentence.ts";
import { EN } from "../../../shared/status/words_en.ts";
import type { DraftRow } from "./draft_step.ts";

/** Title and text of a draft: what was measured, so that whoever publishes it can say more. */
export function draftText(
  component: { readonly id: string; readonly name: string },
  { worst, from, until, count }: Omit<DraftRow, "draftId">,
): { title: string; text: string } {
  const title = clauseOf(worst, [{ ...component, state: worst }], EN);
  const times = count === 1 ? "" : `${count} times `;
  if (until === null) {
    return { title, text: `Measured ${times}since ${timeOf(from)}. We are looking into it.` };
  }
  return { title, text: `Measured ${times}from ${timeOf(from)} to ${timeOf(until)}. It works again.` };
}

function timeOf(at: number): string {
  return timeText(new Date(at).toISOString());
}
