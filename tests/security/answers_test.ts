import { describe, expect, it } from "vitest";
import { appRouter } from "../../server/router.ts";
import { problemOf, SocketCheck } from "../support/answer_check.ts";
import { ANSWERS } from "../support/answer_schemas.ts";

const SAMPLE = {
  items: [{ id: "AAAAAAAAAAAAAAAA", name: "Ana", role: "owner", isBot: false, deactivatedAt: null }],
};

describe("answers", () => {
  it("T08 have a schema for every procedure", () => {
    expect(Object.keys(ANSWERS).toSorted()).toEqual(Object.keys(appRouter._def.procedures).toSorted());
  });

  it.each(["passwordHash", "session", "token", "email", "ip", "secret"])(
    "T08 with the key %s fail every test that has a client or a browser",
    (key) => {
      const data = { ...SAMPLE, cursor: null };
      expect(problemOf("users.list", { result: { data } })).toBeNull();
      const items = [{ ...SAMPLE.items[0], [key]: "x" }];
      expect(problemOf("users.list", { result: { data: { ...data, items } } })).toContain(`items.0.${key}`);
      const problems: string[] = [];
      const check = new SocketCheck((problem) => problems.push(problem));
      check.sent(`{"id":1,"method":"subscription","params":{"path":"typing.onTyping"}}`);
      check.received(`{"id":1,"result":{"type":"started"}}`);
      const typing = { userId: "AAAAAAAAAAAAAAAA", isTyping: true };
      check.received(JSON.stringify({ id: 1, result: { type: "data", data: typing } }));
      expect(problems).toEqual([]);
      check.received(JSON.stringify([{ id: 1, result: { type: "data", data: { ...typing, [key]: "x" } } }]));
      expect(problems).toEqual([expect.stringContaining(key)]);
    },
  );
});
