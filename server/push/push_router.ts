import { createECDH } from "node:crypto";
import * as v from "valibot";
import { PUSH_SUBSCRIBE_RATE, PUSH_TEST_RATE } from "../../shared/limits.ts";
import { invalidInput, noInput } from "../rpc/input_schemas.ts";
import { router, sessionProcedure, userProcedure } from "../rpc/trpc.ts";
import { ENDPOINT_MAX_LENGTH } from "./push_limits.ts";

const ENDPOINT_MESSAGE = `Must be an address of at most ${ENDPOINT_MAX_LENGTH} characters`;
const POINT_MESSAGE = "Must be a public key: an uncompressed point of P-256 as base64url";
const SECRET_MESSAGE = "Must be 16 bytes as base64url";

const endpointSchema = v.pipe(
  v.string(ENDPOINT_MESSAGE),
  v.maxLength(ENDPOINT_MAX_LENGTH, ENDPOINT_MESSAGE),
  v.check((value) => URL.canParse(value), ENDPOINT_MESSAGE),
);

function bytesSchema(message: string, sizeBytes: number) {
  return v.pipe(
    v.string(message),
    // Browsers leave out the padding.
    v.maxLength(Math.ceil(4 * sizeBytes / 3) + 2, message),
    v.check((value) => bytesOf(value)?.length === sizeBytes, message),
    v.transform((value) => value.replaceAll("=", "")),
  );
}

/** `push.*`: notifications on devices on which no page is open. */
export const pushRouter = router({
  key: userProcedure.input(noInput).query(({ ctx }) => ctx.services.push.key()),

  subscribe: sessionProcedure
    .input(v.strictObject({
      subscription: v.strictObject({
        endpoint: endpointSchema,
        keys: v.strictObject({
          p256dh: bytesSchema(POINT_MESSAGE, 65),
          auth: bytesSchema(SECRET_MESSAGE, 16),
        }),
      }),
    }))
    .mutation(async ({ ctx, input: { subscription } }) => {
      const { push, limits } = ctx.services;
      limits.take("push_subscribe", ctx.actor.accountId, PUSH_SUBSCRIBE_RATE);
      if (!isPoint(subscription.keys.p256dh)) {
        throw invalidInput("subscription.keys.p256dh", POINT_MESSAGE);
      }
      await push.subscribe(ctx.actor, subscription, ctx.gone);
      return null;
    }),

  unsubscribe: sessionProcedure
    .input(v.strictObject({ endpoint: endpointSchema }))
    .mutation(async ({ ctx, input }) => {
      const { push, limits } = ctx.services;
      limits.take("push_subscribe", ctx.actor.accountId, PUSH_SUBSCRIBE_RATE);
      await push.subscriptions.unsubscribe(ctx.actor.userId, input.endpoint);
      return null;
    }),

  test: sessionProcedure.input(noInput).mutation(async ({ ctx }) => {
    const { push, limits } = ctx.services;
    limits.take("push_test", ctx.actor.accountId, PUSH_TEST_RATE);
    await push.test(ctx.actor);
    return null;
  }),
});

function bytesOf(text: string): Uint8Array | null {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return null;
  }
}

/** Others would make each encryption fail. */
function isPoint(text: string): boolean {
  const own = createECDH("prime256v1");
  own.generateKeys();
  try {
    own.computeSecret(bytesOf(text) ?? new Uint8Array());
    return true;
  } catch {
    return false;
  }
}
