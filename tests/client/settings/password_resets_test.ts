import { describe, expect, it } from "vitest";
import type { UserId } from "../../../shared/ids.ts";
import { findStorage } from "../../../client/app/page_storage.ts";
import type { PageStorage } from "../../../client/app/page_storage.ts";
import { PasswordResetsModel } from "../../../client/settings/password_resets_model.ts";

const BEN = "user000000000001" as UserId;
const CLEO = "user000000000002" as UserId;
const FIRST = { at: "2026-11-26T09:00:00.000Z", by: "Adam" };
const SECOND = { at: "2026-11-27T14:20:00.000Z", by: "Ana" };

function memory(): PageStorage {
  return findStorage({
    get localStorage(): PageStorage {
      throw new DOMException("Access is denied", "SecurityError");
    },
  });
}

function open(storage: Pick<Storage, "getItem" | "setItem">, passwordResets = [FIRST], id = BEN) {
  return new PasswordResetsModel({ me: { id, passwordResets }, storage });
}

describe("PasswordResetsModel", () => {
  it("tells of every reset until it is acknowledged on this device", () => {
    const storage = memory();
    const model = open(storage);
    expect(model.unseen.value).toEqual([FIRST]);
    model.acknowledge();
    expect(model.unseen.value).toEqual([]);
    expect(open(storage).unseen.value).toEqual([]);
    const later = open(storage, [SECOND, FIRST]);
    expect(later.unseen.value).toEqual([SECOND]);
    later.acknowledge();
    expect(open(storage, [SECOND, FIRST]).unseen.value).toEqual([]);
    expect(open(memory(), [SECOND, FIRST]).unseen.value).toEqual([SECOND, FIRST]);
  });

  it("tells again of what was closed without an answer", () => {
    const storage = memory();
    const model = open(storage);
    model.putOff();
    expect(model.unseen.value).toEqual([]);
    expect(open(storage).unseen.value).toEqual([FIRST]);
  });

  it("tells each person who uses this device", () => {
    const storage = memory();
    open(storage, [SECOND], BEN).acknowledge();
    expect(open(storage, [FIRST], CLEO).unseen.value).toEqual([FIRST]);
    expect(open(storage, [SECOND], CLEO).unseen.value).toEqual([SECOND]);
    open(storage, [FIRST], CLEO).acknowledge();
    expect(open(storage, [SECOND], BEN).unseen.value).toEqual([]);
  });

  it("tells of a reset by a clock that was set back since", () => {
    const storage = memory();
    open(storage, [SECOND]).acknowledge();
    expect(open(storage, [FIRST, SECOND]).unseen.value).toEqual([FIRST]);
  });

  it("lets the person go on where the browser keeps nothing", () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException("Full", "QuotaExceededError");
      },
    };
    const model = open(full);
    model.acknowledge();
    expect(model.unseen.value).toEqual([]);
  });
});
