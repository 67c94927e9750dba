import { describe, expect, it } from "vitest";
import { CompletionModel, findTrigger } from "../../../client/composer/completion_model.ts";
import type { CompletionPerson, CompletionRoom } from "../../../client/composer/completion_model.ts";
import { textAtEnd } from "../../../client/composer/text_edits.ts";
import { EmojiCatalog } from "../../../client/ui/emoji/emoji.ts";
import type { Emoji } from "../../../client/ui/emoji/emoji.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";

const NAMES = ["Ana", "Ana Maria", "Bo", "Böris", "Cleo van Dyk"];
const PEOPLE: CompletionPerson[] = NAMES.map((name) => ({ id: `id-${name}` as UserId, name }));
const ROOMS: CompletionRoom[] = [
  { id: "r1" as RoomId, name: "General" },
  { id: "r2" as RoomId, name: "Design talk" },
];
const EMOJI: Emoji[] = [
  { emoji: "🎉", names: ["tada"], tags: ["party"], description: "party popper", category: "Activities" },
  { emoji: "😄", names: ["smile"], tags: ["happy"], description: "grinning face", category: "Smileys" },
  { emoji: "😼", names: ["smirk_cat"], tags: [], description: "cat with wry smile", category: "Smileys" },
];

function makeModel() {
  const emoji = new EmojiCatalog({ load: () => Promise.resolve(EMOJI) });
  return {
    emoji,
    model: new CompletionModel({ people: () => PEOPLE, rooms: () => ROOMS, emoji, commands: () => [] }),
  };
}

function labelsFor(text: string): string[] {
  const { model } = makeModel();
  model.typed(textAtEnd(text));
  return model.list.value?.items.map((item) => item.label) ?? [];
}

describe("findTrigger()", () => {
  const find = (text: string) => findTrigger(text, text.length);

  it("finds the sigil that begins the word before the caret", () => {
    expect(find("hi @an")).toEqual({ sigil: "@", start: 3, query: "an" });
    expect(find("#gen")).toEqual({ sigil: "#", start: 0, query: "gen" });
    expect(find("(:smi")).toEqual({ sigil: ":", start: 1, query: "smi" });
    expect(find("one\n@")).toEqual({ sigil: "@", start: 4, query: "" });
    expect(find("@Cleo van")?.query).toBe("Cleo van");
  });

  it("finds commands only at the start of the text, and neither paths nor escaped ones", () => {
    expect(find("/inc")).toEqual({ sigil: "/", start: 0, query: "inc" });
    expect(find("/incident open com")?.query).toBe("incident open com");
    expect(find("/announce info @an")?.sigil).toBe("@");
    for (const text of [" /inc", "a /inc", "//inc", "/inc\nmore"]) expect(find(text), text).toBeNull();
  });

  it("finds none inside words, addresses, times and smileys", () => {
    for (const text of ["ana@example", "10:30", "https://", "a#b", "# heading", ":)", ":s", "@@x", "::sm"]) {
      expect(find(text), text).toBeNull();
    }
  });

  it("finds none in code", () => {
    expect(find("`@an")).toBeNull();
    expect(find("```\n@an")).toBeNull();
    expect(find("`a` @an")?.query).toBe("an");
  });

  it("does not look across lines", () => {
    expect(find("@ana\nhello")).toBeNull();
  });
});

describe("CompletionModel", () => {
  it("offers people by the start of their name, then of a later word, without accents and case", () => {
    expect(labelsFor("@AN")).toEqual(["Ana", "Ana Maria"]);
    expect(labelsFor("@bor")).toEqual(["Böris"]);
    expect(labelsFor("@dyk")).toEqual(["Cleo van Dyk"]);
    expect(labelsFor("@")).toEqual(NAMES);
    expect(labelsFor("@nobody")).toEqual([]);
  });

  it("offers rooms", () => {
    expect(labelsFor("#de")).toEqual(["Design talk"]);
  });

  it("lists names in their order, however they come, and marks private rooms", () => {
    const emoji = new EmojiCatalog({ load: () => Promise.resolve(EMOJI) });
    const rooms = ["Room 10", "Zoo", "Äpfel", "Room 9", "Bar"].map((name) => ({
      id: `room-${name}` as RoomId,
      name,
      isPrivate: name === "Zoo",
    }));
    const model = new CompletionModel({
      people: () => PEOPLE,
      rooms: () => rooms,
      emoji,
      commands: () => [],
    });
    model.typed(textAtEnd("#"));
    const items = model.list.value?.items ?? [];
    expect(items.map((item) => item.label)).toEqual(["Äpfel", "Bar", "Room 9", "Room 10", "Zoo"]);
    expect(items.filter((item) => item.isPrivate).map((item) => item.label)).toEqual(["Zoo"]);
  });

  it("is out of the way when a whole name is typed and the sentence goes on", () => {
    expect(labelsFor("@Ana ")).toEqual([]);
    expect(labelsFor("@ana m")).toEqual(["Ana Maria"]);
    expect(labelsFor("@Cleo ")).toEqual(["Cleo van Dyk"]);
  });

  it("fetches emoji at the first colon and then offers them, the best first", async () => {
    const { model, emoji } = makeModel();
    model.typed(textAtEnd(":smi"));
    expect(model.list.value).toBeNull();
    await emoji.load();
    expect(model.list.value?.items.map((item) => item.insert)).toEqual(["😄", "😼"]);
  });

  it("moves the choice around the ends", () => {
    const { model } = makeModel();
    model.typed(textAtEnd("@an"));
    expect(model.list.value?.selected).toBe(0);
    model.move(-1);
    expect(model.list.value?.selected).toBe(1);
    model.move(1);
    expect(model.list.value?.selected).toBe(0);
  });

  it("puts the chosen name into the text and stays closed behind it", () => {
    const { model } = makeModel();
    model.typed(textAtEnd("hi @an"));
    model.move(1);
    const next = model.choose(textAtEnd("hi @an"));
    expect(next).toEqual(textAtEnd("hi @Ana Maria "));
    expect(model.list.value).toBeNull();
    model.typed(next);
    expect(model.list.value).toBeNull();
    model.typed(textAtEnd("hi @Ana Maria and @b"));
    expect(model.list.value?.items).toHaveLength(2);
  });

  it("keeps a space that follows already", () => {
    const { model } = makeModel();
    const state = { text: "hi @an you", start: 6, end: 6 };
    model.typed(state);
    expect(model.choose(state)).toEqual({ text: "hi @Ana you", start: 8, end: 8 });
  });

  it("stays closed for a name after Esc, but not for the next one", () => {
    const { model } = makeModel();
    model.typed(textAtEnd("@a"));
    model.close();
    model.typed(textAtEnd("@an"));
    expect(model.list.value).toBeNull();
    model.typed(textAtEnd(""));
    model.typed(textAtEnd("@a"));
    expect(model.list.value).not.toBeNull();
  });

  it("closes when the caret leaves the name, and never opens by moving it", () => {
    const { model } = makeModel();
    model.typed(textAtEnd("hi @an"));
    model.moved({ text: "hi @an", start: 1, end: 1 });
    expect(model.list.value).toBeNull();
    model.moved(textAtEnd("hi @an"));
    expect(model.list.value).toBeNull();
  });

  it("is closed while something is selected", () => {
    const { model } = makeModel();
    model.typed({ text: "@an", start: 1, end: 3 });
    expect(model.list.value).toBeNull();
  });
});
