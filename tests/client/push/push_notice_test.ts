import { describe, expect, it } from "vitest";
import { noticeOf, SOUND_REST_MS } from "../../../client/push/push_notice.ts";
import type { NoticeFacts, PushNotice } from "../../../client/push/push_notice.ts";
import type { CallId, RoomId } from "../../../shared/ids.ts";
import type { PushPayload } from "../../../shared/notify/push_payload.ts";

type Payload<Kind extends PushPayload["kind"]> = Extract<PushPayload, { kind: Kind }>;

const NOW_MS = 1_800_000_000_000;
const NOTHING: NoticeFacts = { shown: [], isSeen: false, nowMs: NOW_MS };

const message = (change: Partial<Payload<"message">> = {}): Payload<"message"> => ({
  kind: "message",
  tag: "room a",
  title: "Ben",
  body: "the tide is in",
  url: "/r/a/7",
  sentAt: NOW_MS,
  isSilent: false,
  unread: { ownCount: 1, hasMore: true },
  close: [],
  ...change,
});
const call = (id: string, change: Partial<Payload<"call">> = {}): Payload<"call"> => ({
  kind: "call",
  tag: `call-${id}`,
  callId: id as CallId,
  roomId: "a" as RoomId,
  title: "Ben",
  body: "Ben is calling",
  url: "/r/a",
  sentAt: NOW_MS,
  until: NOW_MS + 30_000,
  missed: "Missed call from Ben",
  close: [],
  ...change,
});
const ended = (id: string, change: Partial<Payload<"callEnded">> = {}): Payload<"callEnded"> => ({
  kind: "callEnded",
  tag: `call-${id}`,
  title: "Ben",
  body: "Missed call from Ben",
  url: "/r/a",
  isMissed: true,
  unread: { ownCount: 2, hasMore: true },
  close: [],
  ...change,
});

/** A ring that ended before it arrived. */
const OVER = { sentAt: NOW_MS - 45_001, until: NOW_MS - 1 };

/** What a browser shows after some pushes, in order; only `isSeen` and the time of the last can be given. */
function after(payloads: readonly (PushPayload | null)[], last: Partial<NoticeFacts> = {}) {
  let shown: { title: string; body: string; tag: string; data: PushNotice["options"]["data"] }[] = [];
  let notice = noticeOf(null, NOTHING);
  payloads.forEach((payload, index) => {
    notice = noticeOf(payload, { ...NOTHING, ...index === payloads.length - 1 ? last : {}, shown });
    const { tag, body, data } = notice.options;
    const { title, close } = notice;
    shown = [...shown.filter((one) => one.tag !== tag && !close.includes(one.tag)), {
      title,
      body,
      tag,
      data,
    }];
  });
  return { notice, shown: shown.map(({ title, body, tag }) => ({ title, body, tag })) };
}

const isHeard = ({ options: { silent, renotify } }: PushNotice) => {
  expect(renotify).toBe(!silent);
  return !silent;
};

describe("what a push shows", () => {
  it("is a message, heard unless sounds are off or a page is visible, which has its own", () => {
    const { title, options, unread } = noticeOf(message(), NOTHING);
    expect({ title, unread, ...options }).toMatchObject({
      title: "Ben",
      body: "the tide is in",
      tag: "room a",
      unread: { ownCount: 1, hasMore: true },
    });
    expect(options.data.url).toBe("/r/a/7");
    expect(isHeard(noticeOf(message(), NOTHING))).toBe(true);
    expect(isHeard(noticeOf(message({ isSilent: true }), NOTHING))).toBe(false);
    expect(isHeard(noticeOf(message(), { ...NOTHING, isSeen: true }))).toBe(false);
  });

  it("is heard again for the same room only after a rest since it was heard last", () => {
    const second = message({ body: "second", sentAt: NOW_MS + 1 });
    const early = after([message(), second], { nowMs: NOW_MS + SOUND_REST_MS - 1 });
    expect(early.shown).toEqual([{ title: "Ben", body: "second", tag: "room a" }]);
    expect(isHeard(early.notice)).toBe(false);
    expect(isHeard(after([message(), second], { nowMs: NOW_MS + SOUND_REST_MS }).notice)).toBe(true);
    const silent = message({ isSilent: true });
    expect(isHeard(after([silent, second], { nowMs: NOW_MS + 1 }).notice)).toBe(true);
    const third = message({ sentAt: NOW_MS + 2 });
    expect(isHeard(after([message(), second, third], { nowMs: NOW_MS + SOUND_REST_MS }).notice)).toBe(true);
  });

  it("is not heard again when the push comes of what a page has told of", () => {
    const words = message({ body: "other words" });
    const { notice, shown } = after([message(), words], { nowMs: NOW_MS + 3 * SOUND_REST_MS });
    expect(isHeard(notice)).toBe(false);
    expect(shown).toEqual([{ title: "Ben", body: "the tide is in", tag: "room a" }]);
  });

  it("stays the newest message of a room, whatever the order of arrival", () => {
    const late = message({
      body: "earlier",
      sentAt: NOW_MS - 5,
      unread: { ownCount: 9, hasMore: true },
      url: "/r/a/6",
    });
    const { notice, shown } = after([message(), late], { nowMs: NOW_MS + SOUND_REST_MS });
    expect(shown).toEqual([{ title: "Ben", body: "the tide is in", tag: "room a" }]);
    expect(notice.options.data.url).toBe("/r/a/7");
    expect(isHeard(notice)).toBe(false);
  });

  it("takes away what was read elsewhere, but never itself", () => {
    const other = message({ tag: "room b" });
    const { shown } = after([other, message({ close: ["room b", "room a"] })]);
    expect(shown.map(({ tag }) => tag)).toEqual(["room a"]);
  });

  it("is a ring that stays and can be answered, until it is too late", () => {
    const ring = noticeOf(call("1"), NOTHING);
    expect(ring.options).toMatchObject({
      body: "Ben is calling",
      requireInteraction: true,
      actions: [{ action: "decline" }, { action: "accept" }],
      data: { callId: "1" },
    });
    const late = noticeOf(call("1", OVER), NOTHING);
    expect(late.options).toMatchObject({ body: "Missed call from Ben", tag: "call-1" });
    expect(late.options.requireInteraction).toBeUndefined();
    expect(late.options.actions).toBeUndefined();
    expect(late.options.data.callId).toBeUndefined();
    expect(late.unread).toBe(null);
  });

  it("is a ring also where the clock of the device is wrong", () => {
    for (const hours of [-3, 3]) {
      const facts = { ...NOTHING, nowMs: NOW_MS + hours * 3_600_000 };
      expect(noticeOf(call("1"), facts).options.requireInteraction).toBe(true);
    }
    const last = call("1", { sentAt: NOW_MS - 60_000, until: NOW_MS - 15_000 });
    expect(noticeOf(last, NOTHING).options.requireInteraction).toBeUndefined();
    expect(noticeOf(last, { ...NOTHING, nowMs: NOW_MS + 1 }).options.requireInteraction).toBe(true);
  });

  it("says by a flag whether a call was missed, in whatever words", () => {
    const words = { body: "Appel manqué de Ben" };
    expect(noticeOf(ended("1", words), NOTHING).options.data.kind).toBe("missed");
    const answered = ended("1", { isMissed: false, body: "Missed call" });
    expect(noticeOf(answered, NOTHING).options.data.kind).toBe("other");
  });

  it("replaces the ring by its end without another sound", () => {
    const answered = after([call("1"), ended("1", { isMissed: false, body: "Answered on another device" })]);
    expect(answered.shown).toEqual([{ title: "Ben", body: "Answered on another device", tag: "call-1" }]);
    expect(isHeard(answered.notice)).toBe(false);
    expect(isHeard(after([call("1"), ended("1")]).notice)).toBe(false);
    expect(isHeard(noticeOf(ended("1"), NOTHING))).toBe(true);
  });

  it("folds the missed calls of one room, each counted once", () => {
    const late = call("2", OVER);
    const { shown } = after([ended("1"), late, ended("2"), call("3"), ended("3")]);
    expect(shown).toEqual([{ title: "Ben", body: "3 missed calls", tag: "call-3" }]);
    const elsewhere = ended("4", { url: "/r/b/3", body: "Missed call from Cem" });
    expect(after([ended("1"), elsewhere]).shown).toHaveLength(2);
    const unknown = ended("5", { url: "/" });
    expect(after([unknown, ended("6", { url: "/" })]).shown).toHaveLength(2);
  });

  it("is something even for a payload of another build, and a test is always heard", () => {
    expect(noticeOf(null, NOTHING)).toMatchObject({
      title: "New activity in Parley",
      options: { data: { url: "/" } },
    });
    const test = {
      kind: "test",
      tag: "test",
      title: "Parley",
      body: "It works",
      url: "/",
      close: [],
    } as const;
    expect(isHeard(noticeOf(test, { ...NOTHING, isSeen: true }))).toBe(true);
  });
});
