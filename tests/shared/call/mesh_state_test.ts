import { describe, expect, it } from "vitest";
import type { IncomingSignal } from "../../../shared/call/call_types.ts";
import { encodeMessage } from "../../../shared/call/link_message.ts";
import { EPOCHS_PER_SEQ } from "../../../shared/call/link_state.ts";
import type { LinkEvent } from "../../../shared/call/link_state.ts";
import { meshDeadline, NO_LINKS, reduceMesh } from "../../../shared/call/mesh_state.ts";
import type { MeshEffect, MeshEvent, MeshState } from "../../../shared/call/mesh_state.ts";
import type { CallId, ParticipantId } from "../../../shared/ids.ts";

const me = { participantId: "me" as ParticipantId, seq: 2 };
const bo = { participantId: "bo" as ParticipantId, seq: 3 };
const cleo = { participantId: "cleo" as ParticipantId, seq: 1 };

/** The links of one device. */
class Mesh {
  state: MeshState = NO_LINKS;
  nowMs = 0;
  effects: readonly MeshEffect[] = [];
  #count = 0;

  on(event: MeshEvent): this {
    const step = reduceMesh(this.state, event, { nowMs: this.nowMs, newId: () => `run${this.#count++}` });
    this.state = step.state;
    this.effects = step.effects;
    return this;
  }

  links(...peers: (typeof bo)[]): this {
    return this.on({ type: "links", own: me, peers });
  }

  hear(seq: number, from = bo): this {
    return this.on({ type: "signal", signal: offerOf(seq, from) });
  }

  link(event: Exclude<LinkEvent, { type: "signal" | "tick" | "network_changed" }>, peer = cleo): this {
    return this.on({ type: "link", ...peer, event });
  }

  count(type: string): number {
    return this.effects.filter((effect) => effect.type === "link" && effect.effect.type === type).length;
  }
}

/** The first offer of a peer who joined with this seq. */
function offerOf(seq: number, { participantId }: { readonly participantId: ParticipantId }): IncomingSignal {
  const payload = encodeMessage({ kind: "offer", id: "peer", offer: 1, sdp: "sdp", isRestart: false });
  const epoch = seq * EPOCHS_PER_SEQ + 1;
  return { callId: "call" as CallId, from: participantId, epoch, seq: 0, kind: "offer", payload };
}

function connect(mesh: Mesh): Mesh {
  const epoch = me.seq * EPOCHS_PER_SEQ + 1;
  return mesh.link({ type: "connected", epoch });
}

describe("reduceMesh()", () => {
  it("opens a link to each peer: this side offers to those who were there before", () => {
    const mesh = new Mesh().links(bo, cleo);
    const offerers = [...mesh.state.links].map((
      [participantId, { link }],
    ) => [participantId, link.isOfferer]);
    expect(Object.fromEntries(offerers)).toEqual({ bo: false, cleo: true });
    expect([mesh.count("create"), mesh.links(bo, cleo).count("create")]).toEqual([1, 0]);
  });

  it("replaces a link when either side has joined again, and all when this one has", () => {
    const mesh = new Mesh().links(bo, cleo);
    const [first] = mesh.state.links.values();
    mesh.links({ ...bo, seq: 4 }, cleo);
    expect(mesh.state.links.get(bo.participantId)?.seq).toBe(4);
    expect(mesh.state.links.get(bo.participantId)?.link.id).not.toBe(first?.link.id);
    mesh.on({ type: "links", own: { ...me, seq: 9 }, peers: [bo, cleo] });
    expect([...mesh.state.links.values()].map(({ link }) => link.isOfferer)).toEqual([true, true]);
    expect(mesh.count("close")).toBe(2);
  });

  it("closes what is not in the call any more, and says that it is not up", () => {
    const mesh = connect(new Mesh().links(cleo));
    expect(mesh.effects).toContainEqual({ type: "changed", ...cleo, isUp: true });
    mesh.on({ type: "links", own: null, peers: [] });
    expect(mesh.effects.map((effect) => effect.type === "signal" ? effect.kind : effect.type))
      .toEqual(["bye", "link", "changed", "wake"]);
    expect(mesh.effects).toContainEqual({ type: "changed", ...cleo, isUp: false });
    expect(meshDeadline(mesh.state)).toBeNull();
  });

  it("restarts all links at once when the network of this device has changed", () => {
    const mesh = connect(new Mesh().links(cleo)).on({ type: "network_changed" });
    expect(mesh.state.links.get(cleo.participantId)?.link.phase).toBe("stalled");
    expect(mesh.effects).toContainEqual({ type: "link", ...cleo, effect: { type: "renew" } });
  });

  it("begins after all former epochs when two need a link again, since the server takes older ones for lost", () => {
    const mesh = new Mesh().links(cleo, bo).hear(bo.seq);
    mesh.links().links(cleo, bo);
    const { epoch } = mesh.state.links.get(cleo.participantId)?.link ?? {};
    expect(epoch).toBe(me.seq * EPOCHS_PER_SEQ + 3);
    // Who waits for the offer asks in an epoch that nobody has used.
    expect(mesh.state.links.get(bo.participantId)?.link.epoch).toBe(bo.seq * EPOCHS_PER_SEQ + 2);
    // Whoever joins again begins at the beginning.
    mesh.links().links({ ...cleo, seq: 9 });
    expect(mesh.state.links.get(cleo.participantId)?.link.epoch).toBe(9 * EPOCHS_PER_SEQ);
  });

  it("ignores what happens to a link that was replaced", () => {
    const mesh = new Mesh().links(cleo);
    mesh.on({ type: "link", participantId: cleo.participantId, seq: 7, event: { type: "renewed" } });
    expect(mesh.effects).toEqual([]);
    mesh.link({ type: "connected", epoch: me.seq * EPOCHS_PER_SEQ + 1 }, { ...cleo, seq: 7 });
    expect(mesh.state.links.get(cleo.participantId)?.link.phase).toBe("connecting");
  });

  it("keeps a signal that comes before the update that names its sender, for 5 s", () => {
    const early = new Mesh().links(cleo).hear(bo.seq);
    expect(early.count("take_offer")).toBe(0);
    expect(early.links(bo, cleo).count("take_offer")).toBe(1);
    const joinedAgain = new Mesh().links(bo).hear(5).links({ ...bo, seq: 5 });
    expect(joinedAgain.count("take_offer")).toBe(1);
    const late = new Mesh().links(cleo).hear(bo.seq);
    late.nowMs = 5_000;
    expect(late.links(bo, cleo).count("take_offer")).toBe(0);
  });

  it("keeps no more of them than it has room for, and none of the past or without a call", () => {
    const mesh = new Mesh().links(cleo);
    for (let round = 0; round < 200; round += 1) mesh.hear(bo.seq);
    expect(mesh.state.early).toHaveLength(32);
    // One sender does not push out another.
    expect(mesh.hear(7, { ...bo, participantId: "dara" as ParticipantId }).state.early).toHaveLength(33);
    mesh.nowMs = 5_001;
    expect(mesh.hear(bo.seq).state.early).toHaveLength(1);
    expect(new Mesh().hear(bo.seq).state.early).toEqual([]);
    expect(new Mesh().links({ ...bo, seq: 9 }).hear(4).state.early).toEqual([]);
  });

  it("takes no signal that is not a message", () => {
    const mesh = new Mesh().links(bo);
    mesh.on({ type: "signal", signal: { ...offerOf(bo.seq, bo), payload: "{}" } });
    expect(mesh.effects).toEqual([]);
  });

  it("has one alarm for all links", () => {
    const mesh = new Mesh().links(bo, cleo);
    expect(mesh.effects.filter(({ type }) => type === "wake")).toEqual([{ type: "wake", at: 2_000 }]);
    mesh.nowMs = 2_000;
    mesh.on({ type: "tick" });
    expect(mesh.effects.flatMap((effect) => effect.type === "signal" ? [effect.kind] : [])).toEqual([
      "restart",
    ]);
  });

  it("remembers the last 128 who have left, however many come and go", () => {
    const mesh = new Mesh();
    const guests = Array.from({ length: 200 }, (_, index) => ({
      participantId: `guest${index}` as ParticipantId,
      seq: index + 3,
    }));
    for (const guest of guests) mesh.links(guest);
    mesh.links();
    expect([...mesh.state.closed.keys()]).toEqual(
      guests.slice(-128).map(({ participantId }) => participantId),
    );
  });
});
