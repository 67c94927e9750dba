import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { PendingRing } from "../../shared/call/call_state.ts";
import type { UserId } from "../../shared/ids.ts";
import { DEFAULT_SETTINGS } from "../../shared/notify/notification_settings.ts";
import { callTag } from "../../shared/notify/push_payload.ts";
import { takeBackRing, tellByWorker } from "../push/tell_by_worker.ts";
import type { SignedIn } from "./app_context.ts";
import { loadRingRule } from "./ring_rule.ts";
import type { RingRule } from "./ring_rule.ts";
import { settingsOf } from "./settings_models.ts";

/** What rings, and how loudly. */
export interface Rings {
  readonly loud: ReadonlySignal<PendingRing | null>;
  /** Of calls beside the one that the user is in. */
  readonly quiet: ReadonlySignal<readonly PendingRing[]>;
  /** Is set once the user's settings are known. */
  readonly rule: Signal<RingRule>;
  /** True while the loud ring may not disturb the user. */
  readonly isQuiet: ReadonlySignal<boolean>;
}

/**
 * Tells of rings in the title of the tab, to screen readers, and by a notification if the page is hidden, until the
 * user signs out.
 */
export function followRings(context: SignedIn, { loud, quiet, rule, isQuiet }: Rings): void {
  const { app, chat } = context;
  if (chat.end.aborted) return;
  void loadRingRule(context).then((loaded) => rule.value = loaded);
  const nameOf = (userId: UserId) => chat.users.nameOf(userId);
  const told = new Set<string>();
  const { person } = settingsOf(chat);
  const wordsOf = ({ by, roomId }: PendingRing) => {
    const room = chat.rooms.find(roomId);
    const where = room === null || room.kind === "direct" ? "" : ` in ${chat.rooms.titleOf(room)}`;
    return `${nameOf(by)} is calling${where}`;
  };
  /** Without previews, nothing tells who calls. */
  const noticeOf = (ring: PendingRing): RingNotice => {
    const { previews } = person.all.peek() ?? DEFAULT_SETTINGS;
    return previews
      ? { title: wordsOf(ring), body: "", missed: `Missed call from ${nameOf(ring.by)}` }
      : { title: "Parley", body: "Incoming call", missed: "Missed call" };
  };
  const stops = [
    effect(() => {
      const ring = loud.value;
      app.callTitle.value = ring === null ? null : `${nameOf(ring.by)} is calling`;
      return ring === null || isQuiet.value ? undefined : untracked(() => notify(ring, noticeOf(ring)));
    }),
    effect(() => {
      const rings = [...loud.value === null ? [] : [loud.value], ...quiet.value];
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
  chat.end.addEventListener("abort", () => stops.forEach((stop) => stop()));
}

/** What a notification of a ring says. */
interface RingNotice {
  readonly title: string;
  readonly body: string;
  /** Said if it is shown too late. */
  readonly missed: string;
}

/** Shows a notification if nobody sees the page; returns what takes it back. */
function notify(ring: PendingRing, notice: RingNotice): (() => void) | undefined {
  if (document.visibilityState === "visible" || !("Notification" in globalThis)) return;
  if (Notification.permission !== "granted") return;
  const { title, body } = notice;
  try {
    // Of several tabs of one browser, and of a push, one notification is left.
    const notification = new Notification(title, {
      body,
      tag: callTag(ring.callId),
      requireInteraction: true,
    });
    notification.addEventListener("click", () => globalThis.focus());
    return () => {
      // Chromium ignores `close` until the notification is shown.
      notification.addEventListener("show", () => notification.close());
      notification.close();
    };
  } catch {
    // Browsers of phones show notifications of service workers only.
    return notifyByWorker(ring, notice);
  }
}

function notifyByWorker({ callId, roomId, remainingMs }: PendingRing, notice: RingNotice): () => void {
  const tag = callTag(callId);
  const sentAt = Date.now();
  const url = `/r/${roomId}`;
  const until = sentAt + remainingMs;
  void tellByWorker({ kind: "call", tag, callId, roomId, ...notice, url, sentAt, until, close: [] })
    .catch(() => {});
  return () => void takeBackRing(tag).catch(() => {});
}
