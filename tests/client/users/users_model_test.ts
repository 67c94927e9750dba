import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { UserId } from "../../../shared/ids.ts";
import type { Me, User } from "../../../shared/user.ts";
import { UsersModel } from "../../../client/users/users_model.ts";

const ANA = "userana000000001" as UserId;
const BEN = "userben000000001" as UserId;
const ME: Me = {
  id: ANA,
  name: "Ana",
  role: "owner",
  sessionId: null,
  workspaceName: "Harbour",
  createdAt: "2026-11-02T09:00:00.000Z",
  passwordResets: [],
};

function userNamed(name: string, id: UserId): User {
  return { id, name, role: "member", isBot: false, deactivatedAt: null };
}

/** A directory that gives one person a page. */
function directory(users: User[]) {
  const query = vi.fn(({ cursor }: { cursor?: string }) => {
    const at = Number(cursor ?? 0);
    const items = users.slice(at, at + 1);
    return Promise.resolve({ items, cursor: at + 1 < users.length ? String(at + 1) : null });
  });
  return { list: { query } };
}

describe("UsersModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("knows oneself from the start and everybody after reading all pages", async () => {
    const api = directory([userNamed("Ana", ANA), userNamed("Ben", BEN)]);
    using model = new UsersModel(api, ME);
    expect(model.nameOf(ANA)).toBe("Ana");
    await Promise.all([model.load(), model.load()]);
    expect(model.nameOf(BEN)).toBe("Ben");
    expect(api.list.query).toHaveBeenCalledTimes(2);
  });

  it("looks somebody unknown up, once for a crowd and once for ever", async () => {
    const users = [userNamed("Ana", ANA)];
    const api = directory(users);
    using model = new UsersModel(api, ME);
    expect(model.nameOf(BEN)).toBe("Somebody");
    expect(model.nameOf("other" as UserId)).toBe("Somebody");
    users.push(userNamed("Ben", BEN));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(model.nameOf(BEN)).toBe("Ben");
    expect(api.list.query).toHaveBeenCalledTimes(2);
    expect(model.nameOf("other" as UserId)).toBe("Somebody");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.list.query).toHaveBeenCalledTimes(2);
  });

  it("keeps the name of who is not in the list any more", async () => {
    const users = [userNamed("Ana", ANA), userNamed("Ben", BEN)];
    using model = new UsersModel(directory(users), ME);
    await model.load();
    users.pop();
    await model.load();
    expect(model.nameOf(BEN)).toBe("Ben");
  });

  it("takes in the own new name", () => {
    using model = new UsersModel(directory([]), ME);
    model.setMe({ ...ME, name: "Anaïs" });
    expect(model.nameOf(ANA)).toBe("Anaïs");
  });
});
