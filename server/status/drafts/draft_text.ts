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
    return { title, text: `Measured ${times}since ${timeText(from)}. We are looking into it.` };
  }
  return { title, text: `Measured ${times}from ${timeText(from)} to ${timeText(until)}. It works again.` };
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
