import type { PendingRing } from "../../shared/call/call_state.ts";
import { DEFAULT_SETTINGS } from "../../shared/notify/notification_settings.ts";
import { mayRing } from "../../shared/notify/who_is_told.ts";
import type { SignedIn } from "./app_context.ts";
import { settingsOf } from "./settings_models.ts";

/** Whether a ring may disturb the user now. */
export type RingRule = (ring: Pick<PendingRing, "by" | "roomId">) => boolean;

/** Reads the user's settings, and returns the rule that pushes follow too. It reads signals. */
export async function loadRingRule({ chat, me }: SignedIn): Promise<RingRule> {
  const { person } = settingsOf(chat);
  await person.refresh();
  return ({ by, roomId }) => {
    const room = chat.rooms.find(roomId);
    return room !== null && mayRing({
      userId: me.id,
      by,
      room,
      settings: person.all.value ?? DEFAULT_SETTINGS,
      doNotDisturb: chat.presence.own.value.doNotDisturb,
      nowMs: Date.now(),
    });
  };
}
