import { describe, expect, it, vi } from "vitest";
import { offlineAnswers } from "../../../client/offline/offline_answers.ts";
import { messageAt, pageOf, roomNamed, workspaceRow } from "./offline_kit.ts";

const HARBOUR = { ...roomNamed("Harbour"), readOffset: 3, unread: 40 };
const PIER = roomNamed("Pier");
const PAGE = { ...pageOf([messageAt(50), messageAt(51)]), hasOlder: true };

function start() {
  let isOver = false;
  const onMissing = vi.fn();
  const copy = {
    workspace: workspaceRow({ rooms: [HARBOUR, PIER] }),
    rooms: [{ key: HARBOUR.id, page: PAGE, openedAt: 0 }],
  };
  const answers = offlineAnswers(copy, { isOver: () => isOver, onMissing, takeSocket: () => null });
  const list = (input: object) =>
    answers.take({ path: "messages.list", input: { roomId: HARBOUR.id, ...input } });
  return { answers, list, onMissing, end: () => isOver = true };
}

describe("offlineAnswers", () => {
  it("answers the calls of the first view, each as often as it is made", async () => {
    const { answers, list } = start();
    for (let count = 0; count < 2; count++) {
      expect(await answers.take({ path: "rooms.list", input: undefined })).toEqual([HARBOUR, PIER]);
      expect(await answers.take({ path: "users.list", input: { limit: 100 } })).toEqual({
        items: [],
        cursor: null,
      });
      expect(await list({ limit: 50 })).toBe(PAGE);
      answers.clear();
    }
    expect(answers.take({ path: "auth.me", input: undefined })).toBeNull();
  });

  it("opens a room with much unread at its end, which is all there is", async () => {
    const { list } = start();
    expect(await list({ around: HARBOUR.readOffset, limit: 50 })).toBe(PAGE);
  });

  it("has messages that are on the page, and leaves the others to the server", async () => {
    const { list, onMissing } = start();
    expect(await list({ around: 51, limit: 50 })).toBe(PAGE);
    expect(await list({ around: 51, limit: 1 })).toBe(PAGE);
    expect(list({ around: 12, limit: 1 })).toBeNull();
    expect(list({ before: 50, limit: 50 })).toBeNull();
    expect(onMissing).not.toHaveBeenCalled();
    expect(list({ around: 12, limit: 50 })).toBeNull();
    expect(onMissing).toHaveBeenCalledTimes(1);
  });

  it("says that a room is not stored", () => {
    const { answers, onMissing } = start();
    expect(answers.take({ path: "messages.list", input: { roomId: PIER.id, limit: 50 } })).toBeNull();
    expect(onMissing).toHaveBeenCalledTimes(1);
  });

  it("answers nothing once the server does", () => {
    const { answers, list, end } = start();
    end();
    expect(answers.take({ path: "rooms.list", input: undefined })).toBeNull();
    expect(list({ limit: 50 })).toBeNull();
  });
});
