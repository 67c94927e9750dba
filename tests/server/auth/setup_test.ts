import { describe, expect, it } from "vitest";
import { Chores } from "../../../server/chores.ts";
import { AccountKit, failure, failureCode, OWNER_PASSWORD } from "../../support/account_kit.ts";

const HOUR_MS = 3_600_000;

describe("auth.setup", () => {
  it("creates the first owner and the general room, and signs in", async () => {
    await using kit = await AccountKit.open();
    const browser = kit.browser();
    const token = await kit.services.setups.issue() ?? "";
    const me = await browser.api.auth.setup({
      token,
      name: "  Ana  María ",
      password: OWNER_PASSWORD,
      workspaceName: "Tea & Co",
    });
    expect(me).toMatchObject({ name: "Ana María", role: "owner", workspaceName: "Tea & Co" });
    expect(me.sessionId).not.toBeNull();
    expect(await browser.api.auth.me()).toEqual(me);
    const general = await kit.services.rooms.general();
    if (general === null) throw new Error("There must be a room of all");
    expect(await kit.services.rooms.get(general)).toMatchObject({ name: "General", kind: "public" });
    expect(await kit.services.rooms.members.roomsOf(me.id)).toEqual([general]);
  });

  it("accepts a token once, and only while there is no owner", async () => {
    await using kit = await AccountKit.open();
    const [first, second] = [
      await kit.services.setups.issue() ?? "",
      await kit.services.setups.issue() ?? "",
    ];
    const input = { token: first, name: "Ana", password: OWNER_PASSWORD };
    await kit.browser().api.auth.setup(input);
    for (const token of [first, second, "wrong"]) {
      expect(await failureCode(kit.browser().api.auth.setup({ ...input, token }))).toBe("already_set_up");
    }
    expect(await failureCode(kit.browser().api.auth.setup({} as never))).toBe("already_set_up");
    expect(await kit.services.setups.issue()).toBeNull();
  });

  it("refuses a token after an hour, whatever the clock does, and unknown ones", async () => {
    await using kit = await AccountKit.open();
    const token = await kit.services.setups.issue() ?? "";
    const input = { token, name: "Ana", password: OWNER_PASSWORD };
    kit.advance(HOUR_MS);
    expect(await failureCode(kit.browser().api.auth.setup(input))).toBe("setup_invalid");
    expect(await failureCode(kit.browser().api.auth.setup({ ...input, token: "x" }))).toBe("setup_invalid");
    kit.advance(-2 * HOUR_MS);
    expect(await failureCode(kit.browser().api.auth.setup(input))).toBeUndefined();
  });

  it("makes only one of two people owner at the same moment", async () => {
    await using kit = await AccountKit.open();
    const tokens = [await kit.services.setups.issue() ?? "", await kit.services.setups.issue() ?? ""];
    const codes = await Promise.all(
      [...tokens, ...tokens].map((token, index) =>
        failureCode(kit.browser().api.auth.setup({ token, name: `Ana ${index}`, password: OWNER_PASSWORD }))
      ),
    );
    expect(codes.toSorted()).toEqual(["already_set_up", "already_set_up", "already_set_up", undefined]);
    const users = await kit.services.users.list(10, null);
    expect(users.filter(({ isBot }) => !isBot)).toHaveLength(1);
    expect(users.filter(({ isBot }) => isBot)).toHaveLength(1);
  });

  it("requires an uncommon password of 12 characters", async () => {
    await using kit = await AccountKit.open();
    const token = await kit.services.setups.issue() ?? "";
    for (
      const password of ["eleven char", "password1234", "Ana-1234567890", "x".repeat(257), "parley2030!!"]
    ) {
      const error = await failure(kit.browser().api.auth.setup({ token, name: "Ana", password }));
      expect(error?.appCode).toBe("invalid_input");
      expect(error?.issues).toMatchObject([{ path: "password" }]);
    }
    expect(await failureCode(kit.browser().api.auth.setup({ token, name: "Ana", password: "eleven chars" })))
      .toBeUndefined();
  });

  it("works over HTTP only, because only an HTTP answer can set the cookie", async () => {
    await using kit = await AccountKit.open();
    const token = await kit.services.setups.issue() ?? "";
    const browser = kit.browser();
    browser.isHttp = false;
    const input = { token, name: "Ana", password: OWNER_PASSWORD };
    expect(await failureCode(browser.api.auth.setup(input))).toBe("invalid_request");
    expect(await kit.services.setups.isSetUp()).toBe(false);
  });

  it("refuses unknown keys with their path", async () => {
    await using kit = await AccountKit.open();
    const input = { token: "x", name: "Ana", password: OWNER_PASSWORD, role: "owner" };
    const error = await failure(kit.browser().api.auth.setup(input));
    expect(error?.issues).toEqual([{ path: "role", message: "Unknown key, remove it" }]);
  });
});

describe("Chores", () => {
  it("prints a new setup link at startup while there is no owner, and none afterwards", async () => {
    await using kit = await AccountKit.open();
    const lines: string[] = [];
    const restart = async () => {
      const chores = new Chores({ services: kit.services, announce: (line) => lines.push(line) });
      await chores.start();
      await chores.stop();
    };
    await restart();
    await restart();
    const tokens = lines.map((line) =>
      /https:\/\/chat\.example\.org\/setup#([\w-]{43})$/.exec(line)?.[1] ?? ""
    );
    expect(tokens).toHaveLength(2);
    expect(tokens[0]).not.toBe(tokens[1]);
    await kit.browser().api.auth.setup({ token: tokens[1] ?? "", name: "Ana", password: OWNER_PASSWORD });
    await restart();
    expect(lines).toHaveLength(2);
  });
});
