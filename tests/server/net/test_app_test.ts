import { describe, expect, it } from "vitest";
import { testApp } from "../../support/test_app.ts";

describe("test app", () => {
  it("provides people on every transport", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    for (const transport of ["ws", "http", "sse"] as const) {
      expect(await app.clientFor(ben, transport).auth.me.query()).toMatchObject({
        name: "Ben",
        role: "member",
      });
    }
    expect(app.logs.join("\n")).not.toContain(" error ");
  });
});
