import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import type { UserId } from "../../../shared/ids.ts";
import { keys } from "../../../server/kv/keys.ts";
import { StatusTextStore } from "../../../server/presence/status_text_store.ts";
import { PresenceKit } from "../../support/presence_kit.ts";

const ana = "ana0000000000000" as UserId;
const ben = "ben0000000000000" as UserId;
const SOON_MS = 200;
const HOUR_MS = 3_600_000;

function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

describe("status text", () => {
  it("PRS20 reaches readers, also those who come later, and does not wait for a change of status", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    await kit.store.setText(ben, { text: "On the boat until 3", doNotDisturb: true });
    await kit.advance(SOON_MS);
    const expected = {
      userId: ben,
      status: "offline",
      text: "On the boat until 3",
      textUntil: null,
      doNotDisturb: true,
    };
    expect(reader.picture().states.get(ben)).toEqual(expected);
    const later = kit.reader(ana);
    await kit.advance(0);
    expect(later.picture().states.get(ben)).toEqual(expected);
  });

  it("PRS21 survives a restart", async () => {
    await using kit = await PresenceKit.open();
    await kit.store.setText(ben, { text: "Lunch", textUntil: inMs(HOUR_MS) });
    await kit.restart();
    const reader = kit.reader(ana);
    await kit.advance(0);
    expect(reader.picture().states.get(ben)?.text).toBe("Lunch");
  });

  it("PRS22 ends at its time for readers who are there and for those who come later", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    kit.device(ben);
    await kit.store.setText(ben, { text: "Lunch", textUntil: inMs(HOUR_MS), doNotDisturb: true });
    // A later end does not push the earlier one out.
    await kit.store.setText(ana, { text: "Away", textUntil: inMs(3 * HOUR_MS) });
    await kit.advance(HOUR_MS - 1);
    expect(reader.picture().states.get(ben)?.text).toBe("Lunch");
    await kit.advance(SOON_MS);
    expect(reader.picture().states.get(ben)).toEqual({
      userId: ben,
      status: "online",
      text: "",
      textUntil: null,
      doNotDisturb: true,
    });
    await kit.advance(2 * HOUR_MS);
    expect(reader.picture().states.has(ana)).toBe(false);
  });

  it("PRS22 does not come back with a restart after its time", async () => {
    await using kit = await PresenceKit.open();
    await kit.store.setText(ben, { text: "Lunch", textUntil: inMs(HOUR_MS) });
    kit.store.close();
    await kit.advance(HOUR_MS);
    await kit.restart();
    const reader = kit.reader(ana);
    await kit.advance(SOON_MS);
    expect(reader.picture().states.has(ben)).toBe(false);
  });

  it("PRS23 refuses a time that is over, and names the field", async () => {
    await using kit = await PresenceKit.open();
    const error = await kit.store.setText(ben, { text: "Lunch", textUntil: inMs(0) }).catch((e) => e);
    expect(error).toBeInstanceOf(AppError);
    expect(error.appCode).toBe("invalid_input");
    expect(error.issues).toEqual([{ path: "textUntil", message: "Must be a time in the future" }]);
  });

  it("PRS24 changes only what is given; a new text without a time holds for good", async () => {
    await using kit = await PresenceKit.open();
    const until = inMs(HOUR_MS);
    const texts = new StatusTextStore({ db: kit.db, feed: kit.feed, now: Date.now });
    expect(await texts.change(ben, { text: "Lunch", textUntil: until })).toEqual({
      text: "Lunch",
      textUntil: until,
      doNotDisturb: false,
    });
    expect(await texts.change(ben, { doNotDisturb: true })).toEqual({
      text: "Lunch",
      textUntil: until,
      doNotDisturb: true,
    });
    expect(await texts.change(ben, { text: "Dinner" })).toMatchObject({ text: "Dinner", textUntil: null });
    expect(await texts.change(ben, { textUntil: until })).toMatchObject({
      text: "Dinner",
      textUntil: until,
    });
    expect(await texts.change(ben, { text: "" })).toEqual({
      text: "",
      textUntil: null,
      doNotDisturb: true,
    });
  });

  it("PRS25 leaves no row of who says nothing, and loses none of two changes at once", async () => {
    await using kit = await PresenceKit.open();
    const texts = new StatusTextStore({ db: kit.db, feed: kit.feed, now: Date.now });
    await Promise.all([texts.change(ben, { text: "Lunch" }), texts.change(ben, { doNotDisturb: true })]);
    expect([...await texts.all()]).toEqual([[ben, { text: "Lunch", textUntil: null, doNotDisturb: true }]]);
    await texts.change(ben, { text: "", doNotDisturb: false });
    expect((await kit.db.get(keys.statusText(ben))).value).toBeNull();
  });
});
