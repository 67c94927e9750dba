import { describe, expect, it } from "vitest";
import { arrangeTiles, closedScreens, facesOf } from "../../../client/calls/call_tiles.ts";
import type { ArrangeOptions, Face, Tile } from "../../../client/calls/call_tiles.ts";
import { sessionOf } from "../../../shared/call/call_state.ts";
import { callOf, CallScript, nameOf, participantOf } from "./call_states.ts";
import type { Guest } from "./call_states.ts";

const YOU: Guest = { name: "You" };

function facesWith(...others: Guest[]): Face[] {
  return facesIn(new CallScript().join(others, YOU));
}

function facesIn({ state }: CallScript): Face[] {
  const session = sessionOf(state);
  return session === null ? [] : facesOf(session);
}

function arrange(faces: readonly Face[], options: Partial<ArrangeOptions> = {}): string[] {
  const { big, rest } = arrangeTiles(faces, {
    layout: "grid",
    speaker: null,
    pinned: null,
    closed: new Set(),
    ...options,
  });
  const short = (tile: Tile) => `${tile.kind} ${nameOf(tile.face.userId)}`;
  return [big === null ? "-" : short(big), ...rest.map(short)];
}

describe("facesOf()", () => {
  it("lists others in the order in which they came, and the user last", () => {
    const faces = facesWith({ name: "Ana" }, { name: "Bo" });
    expect(faces.map(({ userId, isOwn }) => [nameOf(userId), isOwn])).toEqual([
      ["Ana", false],
      ["Bo", false],
      ["You", true],
    ]);
  });

  it("numbers raised hands by the server's clock", () => {
    const faces = facesWith(
      { name: "Ana", handSince: "2026-01-01T10:00:02Z" },
      { name: "Bo" },
      { name: "Cleo", handSince: "2026-01-01T10:00:01Z" },
    );
    expect(faces.map(({ handPlace }) => handPlace)).toEqual([2, null, 1, null]);
  });

  it("shows at once what the user wants, before the server has it", () => {
    const script = new CallScript().join([{ name: "Ana" }], YOU);
    script.act({ type: "media", media: { mic: false, cam: true } });
    expect(facesIn(script).at(-1)?.media).toMatchObject({ mic: false, cam: true });
  });
});

describe("arrangeTiles()", () => {
  it("shows all alike", () => {
    expect(arrange(facesWith({ name: "Ana" }, { name: "Bo" }))).toEqual([
      "-",
      "face Ana",
      "face Bo",
      "face You",
    ]);
  });

  it("shows a shared screen big, and whoever shares it beside it", () => {
    const faces = facesWith({ name: "Ana" }, { name: "Bo", screen: true });
    expect(arrange(faces)).toEqual(["screen Bo", "face Ana", "face Bo", "face You"]);
    const closed = new Set([participantOf("Bo")]);
    expect(arrange(faces, { closed })).toEqual(["-", "face Ana", "face Bo", "face You"]);
    expect(closedScreens(faces, closed).map(({ userId }) => nameOf(userId))).toEqual(["Bo"]);
  });

  it("never shows the user's own screen", () => {
    const script = new CallScript().join([{ name: "Ana" }], YOU);
    script.act({ type: "media", media: { screen: true } });
    const tiles = arrange(facesIn(script));
    expect(tiles).toEqual(["-", "own_screen You", "face Ana", "face You"]);
    expect(tiles).not.toContain("screen You");
  });

  it("shows who speaks big, and never the user", () => {
    const faces = facesWith({ name: "Ana" }, { name: "Bo" });
    const layout = "speaker" as const;
    expect(arrange(faces, { layout })[0]).toBe("face Ana");
    expect(arrange(faces, { layout, speaker: participantOf("Bo") })[0]).toBe("face Bo");
    expect(arrange(faces, { layout, speaker: participantOf("You") })[0]).toBe("face Ana");
    expect(arrange(facesWith(), { layout })).toEqual(["-", "face You"]);
  });

  it("shows what the user chose, as long as it is there", () => {
    const faces = facesWith({ name: "Ana" }, { name: "Bo", screen: true });
    const pinned = `face:${participantOf("Ana")}`;
    expect(arrange(faces, { pinned })).toEqual(["face Ana", "screen Bo", "face Bo", "face You"]);
    expect(arrange(facesWith({ name: "Bo" }), { pinned })[0]).toBe("-");
  });

  it("follows those who leave", () => {
    const script = new CallScript().join([{ name: "Ana" }, { name: "Bo" }], YOU);
    const call = callOf([{ name: "Ana" }, { name: "Bo" }, YOU], 5);
    const participants = call.participants.filter(({ userId }) => nameOf(userId) !== "Ana");
    script.update({ type: "call_changed", call: { ...call, participants } });
    expect(arrange(facesIn(script))).toEqual(["-", "face Bo", "face You"]);
  });
});
