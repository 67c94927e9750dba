import * as v from "valibot";

const id = v.pipe(v.string(), v.regex(/^[\w-]{16}$/));
const time = v.pipe(v.string(), v.regex(/^[\d-]{10}T[\d:.]{8,12}Z$/));
const timeOrNull = v.nullable(time);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A call. */
export const call = v.strictObject({
  callId: id,
  roomId: id,
  startedBy: id,
  startedAt: time,
  purpose: v.picklist(["talk", "files"]),
  files: v.optional(v.pipe(v.array(v.strictObject({ name: v.string(), bytes: count })), v.minLength(1))),
  topology: v.picklist(["mesh", "sfu"]),
  participants: v.array(v.strictObject({
    participantId: id,
    userId: id,
    seq: count,
    media: v.strictObject({
      mic: v.boolean(),
      cam: v.boolean(),
      screen: v.boolean(),
      screenAudio: v.boolean(),
    }),
    handSince: timeOrNull,
  })),
  revision: count,
});
const ring = v.strictObject({
  callId: id,
  roomId: id,
  by: id,
  video: v.boolean(),
  until: time,
  remainingMs: count,
});
/** The answer to those who start or join. */
export const joined = v.strictObject({ call, participantId: id });
/** What listeners hear of calls. */
export const callUpdate = v.variant("type", [
  v.strictObject({
    type: v.literal("snapshot"),
    calls: v.array(call),
    rings: v.array(ring),
    asOf: v.pipe(v.string(), v.isoTimestamp()),
  }),
  v.strictObject({ type: v.literal("call_changed"), call }),
  v.strictObject({
    type: v.literal("call_ended"),
    callId: id,
    roomId: id,
    missed: v.boolean(),
    reason: v.optional(v.picklist(["failed", "kicked", "left_room"])),
  }),
  v.strictObject({ type: v.literal("ring"), ring }),
  v.strictObject({
    type: v.literal("ring_state"),
    callId: id,
    userId: id,
    state: v.picklist(["calling", "ringing", "in_another_call"]),
  }),
  v.strictObject({
    type: v.literal("ring_ended"),
    callId: id,
    userId: id,
    reason: v.picklist([
      "accepted",
      "declined",
      "cancelled",
      "missed",
      "answered_elsewhere",
      "declined_elsewhere",
    ]),
  }),
  v.strictObject({
    type: v.literal("signal"),
    callId: id,
    from: id,
    epoch: count,
    seq: count,
    kind: v.picklist(["offer", "answer", "candidates", "restart", "bye"]),
    payload: v.string(),
  }),
  v.strictObject({ type: v.literal("moved"), callId: id, seq: count }),
  v.strictObject({ type: v.literal("handoff"), callId: id, topology: v.picklist(["mesh", "sfu"]) }),
]);

const eventEntries = { offset: count, at: time, by: id };

/** Events of rooms about calls. */
export const callEvents = [
  v.strictObject({
    type: v.literal("file_handed"),
    ...eventEntries,
    callId: id,
    from: id,
    to: id,
    name: v.string(),
    bytes: count,
  }),
  v.strictObject({ type: v.literal("call_started"), ...eventEntries, callId: id }),
  v.strictObject({
    type: v.literal("call_ended"),
    ...eventEntries,
    callId: id,
    durationMs: count,
    missed: v.boolean(),
    userIds: v.array(id),
    rang: v.optional(v.array(id)),
    declined: v.optional(v.array(id)),
  }),
] as const;
