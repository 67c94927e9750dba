import { describe, expect, it } from "vitest";
import { AccountKit, failure, failureCode } from "../support/account_kit.ts";

describe("a name that is too long for anybody", () => {
  // One of each 2,000 letters long, the second one folds to many times as many.
  it.each(["あ".repeat(2_000), "\ufdfa".repeat(2_000), "x".repeat(2_000)])(
    "REG1 signs in like an unknown one, and is counted like one",
    async (name) => {
      await using kit = await AccountKit.open();
      await kit.owner();
      const { api } = kit.browser();
      const unknown = await failure(api.auth.signIn({ name: "Nobody", password: "nine blue kettles" }));
      for (let attempt = 0; attempt < 4; attempt++) {
        const tried = await failure(api.auth.signIn({ name, password: "nine blue kettles" }));
        expect(tried).toEqual(unknown);
      }
      await failureCode(api.auth.signIn({ name, password: "nine blue kettles" }));
      expect(await failureCode(api.auth.signIn({ name, password: "nine blue kettles" }))).toBe(
        "rate_limited",
      );
    },
  );
});
