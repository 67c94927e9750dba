import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { othersIn } from "../../shared/call/call_state.ts";
import type { CallSession } from "../../shared/call/call_state.ts";
import type { Participant } from "../../shared/call/call_types.ts";
import type { UserId } from "../../shared/ids.ts";
import { describeNews } from "../calls/call_news.ts";
import type { Tones } from "../calls/media/tones.ts";
import type { AnnouncerModel } from "../ui/announcer_model.ts";

/** Where people coming and going is told. */
export interface NewsPlaces {
  readonly announcer: AnnouncerModel;
  readonly tones: Pick<Tones, "chime">;
  readonly nameOf: (userId: UserId) => string;
}

/** Tells who joins and leaves the call of this tab, until the returned function is called. */
export function followNews(
  session: ReadonlySignal<CallSession | null>,
  { announcer, tones, nameOf }: NewsPlaces,
): () => void {
  let before: readonly Participant[] | null = null;
  return effect(() => {
    const now = session.value;
    const others = now === null || now.own === null ? null : othersIn(now);
    const known = before;
    before = others;
    // Those who are there already when one joins are seen.
    if (others === null || known === null || others === known) return;
    untracked(() => {
      const news = describeNews(known, others, nameOf);
      if (news === null) return;
      announcer.say(news.text);
      tones.chime(news.what, others.length + 1);
    });
  });
}
