import { describe, expect, it } from "vitest";
import { lookOf } from "../../../server/auth/name_look.ts";
import { keys } from "../../../server/kv/keys.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import { testApp } from "../../support/test_app.ts";

describe("lookOf()", () => {
  it("T27 is the same for names that look alike, in either case", async () => {
    const alike = [
      ["admin", "ᴀdmin", "ADMIN", "аdmin", "adⅿin", "admіn", "ᴀᴅᴍɪɴ", "ɑdrnin"],
      ["Kay", "Қay", "қay", "кay", "ĸay", "K\u0329ay"],
      ["Anna", "Aпna", "aппa", "Аnnа", "ANNA", "Ꭺnna", "𝔸nna"],
      ["George", "ɢeorge", "Geоrge", "Ԍeorge"],
      ["Sam", "ꜱam", "Ѕam", "saм"],
      ["Will", "VVill", "vvi11", "Ⱳill", "VVi||"],
      [
        "Kay",
        "Ƙay",
        "Ⱪay",
        "ᶄay",
        "Kay ✓",
        "Kay✔️",
        "✅ Kay",
        "Kay ⭐",
        "Kay®",
        "★ Kay ★",
        "Kay.",
        "Kay •",
        "Kay ’",
      ],
      ["Jörg", "Jorg", "Jo\u0308rg", "JÖRG"],
      ["Bob", "Ɓoƀ", "ᵬob"],
      ["Dagny", "Ɗagńy", "ᶑagný"],
      ["Bill", "BiIl", "Bi11", "Вill", "Ƅill"],
    ];
    for (const [first = "", ...others] of alike) {
      for (const other of others) expect([other, await lookOf(other)]).toEqual([other, await lookOf(first)]);
    }
  });

  it("differs for names that do not look alike, in any script", async () => {
    const names = [
      "Ana",
      "Anna",
      "Ina",
      "Una",
      "Ana 🦊",
      "Ana 🐙",
      "O'Ana",
      "Дима",
      "Даша",
      "Саша",
      "Мария",
      "Αθηνά",
      "राम",
      "रमा",
      "สมชาย",
    ];
    names.push(
      "สมหญิง",
      "김철수",
      "알리",
      "알라",
      "محمد",
      "محمود",
      "שרה",
      "שירה",
      "北京",
      "東京",
      "さくら",
      "サクラ",
    );
    expect(new Set(await Promise.all(names.map(lookOf))).size).toBe(names.length);
  });

  it("is fast for the longest name", async () => {
    const longest = "\ufdfaK".repeat(100);
    await lookOf(longest);
    const start = performance.now();
    for (let count = 0; count < 20; count++) await lookOf(longest);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("a name that looks like another", () => {
  it("T27 is refused at registration, for a bot and at a rename", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const kay = await kit.member(owner, "Kay");
    const ben = await kit.member(owner, "Ben");
    for (const name of ["Қay", "ᴋay", "Ƙay", "Kay ✓", "ᴀdmin", "ᴘarley", "Aпa"]) {
      expect([name, await failureCode(kit.member(owner, name))]).toEqual([name, "name_taken"]);
      expect([name, await failureCode(ben.api.users.rename({ name }))]).toEqual([name, "name_taken"]);
      const bot = ben.api.tokens.create({ label: "Bot", bot: { name } });
      expect([name, await failureCode(bot)]).toEqual([name, "name_taken"]);
    }
    // You may respell your own name, and the old spelling becomes free.
    await kay.api.users.rename({ name: "Қay" });
    await kay.api.users.rename({ name: "Kim" });
    expect(await failureCode(ben.api.users.rename({ name: "Kay" }))).toBeUndefined();
  });

  it("is given to only one of two people at the same moment", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [ben, cleo] = [await kit.member(owner, "Ben"), await kit.member(owner, "Cleo")];
    const codes = await Promise.all([
      failureCode(ben.api.users.rename({ name: "Kay" })),
      failureCode(cleo.api.users.rename({ name: "Қay" })),
    ]);
    expect(codes.toSorted()).toEqual(["name_taken", undefined]);
  });

  it("is refused next to accounts of an earlier version, which can still sign in", async () => {
    await using app = await testApp({ file: true });
    const [kay, ben] = [await app.person("Kay"), await app.person("Ben")];
    const { db } = app.services;
    // Earlier versions stored no looks, or others, and accepted both names.
    const looks = await db.list(["nameLook"], { limit: 10 });
    await db.commit({ sets: [], deletes: looks.map(({ key }) => key) });
    await db.commit({ sets: [[keys.userName("қim"), ben.id], [keys.nameLooksMade(), true]] });
    await app.restart();
    expect((await app.services.db.list(["nameLook"], { limit: 10 })).length).toBe(4);
    expect(
      await app.person("Dana").then(({ api }) => failureCodeOf(api.users.rename.mutate({ name: "Қay" }))),
    )
      .toBe("name_taken");
    const api = app.device().client("http");
    expect((await api.auth.signIn.mutate({ name: "kay", password: kay.password ?? "" })).id).toBe(kay.id);
    // An account whose look row belongs to somebody else can still be renamed.
    await app.services.db.commit({ sets: [[keys.nameLook(String(looks[0]?.key[1])), "somebody"]] });
    expect((await kay.api.users.rename.mutate({ name: "Kim" })).name).toBe("Kim");
  });
});

async function failureCodeOf(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(() => undefined, (error) => error.data?.appCode);
}
