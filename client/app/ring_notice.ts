import { computed, effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { loudRing, quietRings } from "../../shared/call/call_outputs.ts";
import type { CallState, PendingRing } from "../../shared/call/call_state.ts";
import type { UserId } from "../../shared/ids.ts";
import type { AppModel } from "./app_model.ts";
import type { Chat } from "./chat.ts";

/** What tells of rings outside of their cards. */
export interface RingPlaces {
  readonly app: Pick<AppModel, "callTitle">;
  readonly chat: Pick<Chat, "announcer" | "rooms">;
  /** Do not disturb. */
  readonly isQuiet: ReadonlySignal<boolean>;
  readonly nameOf: (userId: UserId) => string;
}

/** Tells of rings in the title of the tab, to screen readers, and by a notification if the page is hidden. */
export function followRings(state: ReadonlySignal<CallState>, places: RingPlaces): () => void {
  const { app, chat, isQuiet, nameOf } = places;
  const loud = computed(() => loudRing(state.value));
  const told = new Set<string>();
  const wordsOf = ({ by, roomId }: PendingRing) => {
    const room = chat.rooms.find(roomId);
    const where = room === null || room.kind === "direct" ? "" : ` in ${chat.rooms.titleOf(room)}`;
    return `${nameOf(by)} is calling${where}`;
  };
  const stops = [
    effect(() => {
      const ring = loud.value;
      app.callTitle.value = ring === null ? null : `${nameOf(ring.by)} is calling`;
      return ring === null || isQuiet.value ? undefined : untracked(() => notify(ring, wordsOf(ring)));
    }),
    effect(() => {
      const rings = [...loud.value === null ? [] : [loud.value], ...quietRings(state.value)];
      untracked(() => {
        for (const ring of rings) {
          const key = `${ring.callId} ${ring.until}`;
          if (told.has(key)) continue;
          told.add(key);
          chat.announcer.say(wordsOf(ring));
        }
        if (rings.length === 0) told.clear();
      });
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Shows a notification if nobody sees the page; returns what takes it back. */
function notify({ callId }: PendingRing, words: string): (() => void) | undefined {
  if (document.visibilityState === "visible" || !("Notification" in globalThis)) return;
  if (Notification.permission !== "granted") return;
  try {
    // Of several tabs of one browser, one notification is left.
    const notification = new Notification(words, { tag: callId, requireInteraction: true });
    notification.addEventListener("click", () => globalThis.focus());
    return () => {
      // Chromium ignores `close` until the notification is shown.
      notification.addEventListener("show", () => notification.close());
      notification.close();
    };
  } catch {
    // Browsers of phones show notifications of service workers only.
    return;
  }
}
