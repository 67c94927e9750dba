import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Participant } from "../../shared/call/call_types.ts";
import { describeNews } from "../calls/call_news.ts";
import type { Tones } from "../calls/media/tones.ts";
import type { Chat } from "./chat.ts";

/** Who is in the call of this tab, and what sounds when they come and go. */
export interface CallPeople {
  /** Null while this tab is in no call. */
  readonly others: ReadonlySignal<readonly Participant[] | null>;
  readonly tones: Pick<Tones, "chime">;
}

/** Tells who joins and leaves the call of this tab, until the user signs out. */
export function followNews({ announcer, users, end }: Chat, { others, tones }: CallPeople): void {
  if (end.aborted) return;
  let before: readonly Participant[] | null = null;
  const stop = effect(() => {
    const [known, now] = [before, others.value];
    before = now;
    // Those who are there already when one joins are seen.
    if (now === null || known === null || now === known) return;
    untracked(() => {
      const news = describeNews(known, now, (userId) => users.nameOf(userId));
      if (news === null) return;
      announcer.say(news.text);
      tones.chime(news.what, now.length + 1);
    });
  });
  end.addEventListener("abort", stop);
}
