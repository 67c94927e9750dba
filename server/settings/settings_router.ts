import * as v from "valibot";
import { SETTINGS_RATE } from "../../shared/limits.ts";
import { isTimeOfDay, isTimeZone } from "../../shared/notify/notification_settings.ts";
import type { PersonSettings } from "../../shared/notify/notification_settings.ts";
import { SIGNALS } from "../../shared/signals.ts";
import { levelSchema } from "../rooms/room_schemas.ts";
import { booleanSchema, noInput } from "../rpc/input_schemas.ts";
import { connectionKey } from "../streams/signals.ts";
import { router, userProcedure } from "../rpc/trpc.ts";

const ZONE_MESSAGE = 'Must be a time zone like "Europe/Berlin"';
const TIME_MESSAGE = 'Must be a time of day like "22:00"';
const HOURS_MESSAGE = 'Must be {from: "22:00", to: "07:00"}, or null';

const timeOfDaySchema = v.pipe(v.string(TIME_MESSAGE), v.check(isTimeOfDay, TIME_MESSAGE));
const quietHoursSchema = v.pipe(
  v.strictObject({ from: timeOfDaySchema, to: timeOfDaySchema }, HOURS_MESSAGE),
  v.check(({ from, to }) => from !== to, "Must end at another time than they begin"),
);

/** `settings.*`: a person's own settings, the same on all devices. */
export const settingsRouter = router({
  get: userProcedure.input(noInput).query(({ ctx }) => ctx.services.settings.get(ctx.actor.userId)),

  set: userProcedure
    .input(v.strictObject({
      timeZone: v.optional(v.pipe(v.string(ZONE_MESSAGE), v.check(isTimeZone, ZONE_MESSAGE))),
      quietHours: v.optional(v.nullable(quietHoursSchema)),
      level: v.optional(levelSchema),
      sound: v.optional(booleanSchema),
      previews: v.optional(booleanSchema),
      showReadState: v.optional(booleanSchema),
      enterSends: v.optional(booleanSchema),
    }))
    .mutation(async ({ ctx, input }) => {
      const { userId, accountId } = ctx.actor;
      ctx.services.limits.take("settings", accountId, SETTINGS_RATE);
      return await ctx.services.settings.change(userId, input, ctx.gone);
    }),

  onChange: userProcedure.input(noInput).subscription(
    async function* ({ ctx, signal }): AsyncGenerator<PersonSettings> {
      yield* ctx.services.signals.read(SIGNALS.settings, {
        userId: ctx.actor.userId,
        key: connectionKey(ctx.actor),
        connection: ctx.connection,
        signal: signal ?? new AbortController().signal,
      });
    },
  ),
});
