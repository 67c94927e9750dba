import { describe, expect, it } from "vitest";
import { EmojiPickerModel } from "../../../client/ui/emoji/emoji_picker_model.ts";
import type { EmojiStep } from "../../../client/ui/emoji/emoji_picker_model.ts";
import { EmojiCatalog, emojiNamed, findEmoji } from "../../../client/ui/emoji/emoji.ts";
import type { Emoji } from "../../../client/ui/emoji/emoji.ts";

/** Eleven faces, which is a row of eight and one of three, and two animals. */
const FACES: Emoji[] = [..."abcdefghijk"].map((letter) => entry(`😀${letter}`, `face_${letter}`, "Smileys"));
const ANIMALS = [entry("🐈", "cat", "Animals"), entry("🐕", "dog", "Animals")];
const ALL = [...FACES, ...ANIMALS];

function entry(emoji: string, name: string, category: string): Emoji {
  return { emoji, names: [name], tags: [`tag_${name}`], description: `the ${name}`, category };
}

async function setUp() {
  const rows = new Map<string, string>();
  const storage = {
    getItem: (key: string) => rows.get(key) ?? null,
    setItem: (key: string, value: string) => void rows.set(key, value),
  };
  const catalog = new EmojiCatalog({ load: () => Promise.resolve(ALL), storage });
  const model = new EmojiPickerModel(catalog);
  await catalog.load();
  const walk = (...steps: EmojiStep[]) => {
    for (const step of steps) model.move(step);
    return model.active.value?.names[0];
  };
  return { catalog, model, storage, walk };
}

describe("findEmoji()", () => {
  it("ranks a whole name before its start, a tag, a part and the description", () => {
    const entries = [
      { ...entry("5", "e", "x"), description: "like cat" },
      entry("4", "smirk_cat", "x"),
      { ...entry("3", "feline", "x"), tags: ["cat"] },
      entry("2", "cat_face", "x"),
      entry("1", "cat", "x"),
    ];
    expect(findEmoji(entries, "CAT", 8).map(({ emoji }) => emoji)).toEqual(["1", "2", "3", "4", "5"]);
    expect(findEmoji(entries, "cat", 2)).toHaveLength(2);
    expect(findEmoji(entries, "smirk c", 8).map(({ emoji }) => emoji)).toEqual(["4"]);
  });

  it("finds the emoji of a shortcode", () => {
    expect(emojiNamed(ALL, "cat")).toBe("🐈");
    expect(emojiNamed(ALL, "ca")).toBeNull();
  });
});

describe("EmojiCatalog", () => {
  it("tries again after a failed fetch", async () => {
    let tryCount = 0;
    const catalog = new EmojiCatalog({
      load: () => ++tryCount === 1 ? Promise.reject(new TypeError("Failed to fetch")) : Promise.resolve(ALL),
    });
    await catalog.load();
    expect(catalog.entries.value).toBeNull();
    await catalog.load();
    expect(catalog.entries.value).toBe(ALL);
  });

  it("remembers what was used lately, each once, over a reload", async () => {
    const { catalog, storage } = await setUp();
    for (const emoji of ["🐈", "🐕", "🐈"]) catalog.noteUse(emoji);
    expect(catalog.recent.value).toEqual(["🐈", "🐕"]);
    expect(new EmojiCatalog({ storage }).recent.value).toEqual(["🐈", "🐕"]);
  });

  it("holds the emoji of its package", async () => {
    const catalog = new EmojiCatalog();
    await catalog.load();
    expect(emojiNamed(catalog.entries.value ?? [], "tada")).toBe("🎉");
  });
});

describe("EmojiPickerModel", () => {
  it("shows the categories, with those used lately first", async () => {
    const { catalog, model } = await setUp();
    expect(model.sections.value?.map(({ label }) => label)).toEqual(["Smileys", "Animals"]);
    catalog.noteUse("🐕");
    expect(model.sections.value?.[0]).toEqual({ label: "Recently used", emoji: [ANIMALS[1]] });
  });

  it("searches, and begins at the best", async () => {
    const { model, walk } = await setUp();
    walk("right", "right");
    model.search(":dog");
    expect(model.active.value?.names[0]).toBe("dog");
    model.search("nothing like it");
    expect(model.sections.value).toEqual([]);
    expect(model.active.value).toBeNull();
    expect(walk("down", "right")).toBeUndefined();
  });

  it("walks by rows and over sections", async () => {
    const { walk } = await setUp();
    expect(walk("right", "right", "right", "down")).toBe("face_k");
    expect(walk("down")).toBe("dog");
    expect(walk("left")).toBe("cat");
    expect(walk("up")).toBe("face_i");
    expect(walk("up")).toBe("face_a");
    expect(walk("up", "left")).toBe("face_a");
    expect(walk("down", "down", "right", "right", "down")).toBe("dog");
    expect(walk("left", "left")).toBe("face_k");
  });
});
