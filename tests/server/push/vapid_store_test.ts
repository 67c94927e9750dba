import { describe, expect, it } from "vitest";
import { IN_MEMORY, openDatabase } from "../../../server/kv/open_database.ts";
import { VapidStore } from "../../../server/push/vapid_store.ts";

describe("VapidStore", () => {
  it("gives every instance the same pair, also when all start at once", async () => {
    const { db } = await openDatabase(IN_MEMORY);
    const instances = Array.from({ length: 8 }, () => new VapidStore(db));
    const [first, ...others] = await Promise.all(instances.map((instance) => instance.load()));
    for (const other of others) expect(other).toEqual(first);
    expect(await new VapidStore(db).load()).toEqual(first);
    expect(Uint8Array.fromBase64(first?.publicKey ?? "", { alphabet: "base64url" }).length).toBe(65);
    await db.close();
  });
});
