import { describe, expect, it } from "vitest";
import type { LinkMessage } from "../../../shared/call/link_message.ts";
import type { LinkEffect, LinkEvent, LinkState } from "../../../shared/call/link_state.ts";
import {
  ALLOWANCE_MAX_COUNT,
  ALLOWANCE_MS,
  DOWN_RETRY_MS,
  EPOCHS_PER_SEQ,
} from "../../../shared/call/link_state.ts";
import { closeLink, linkDeadline, openLink, reduceLink } from "../../../shared/call/reduce_link.ts";
import {
  answer,
  ask,
  BASE,
  beat,
  candidate,
  described,
  FIRST,
  linkIn,
  offer,
  open,
  remoteSet,
  signal,
} from "./link_fixtures.ts";
import type { Side } from "./link_fixtures.ts";

/** One side with its effects, in simulated time. */
class Link {
  state: LinkState;
  nowMs = 0;
  readonly effects: LinkEffect[] = [];

  constructor(state: LinkState | null) {
    if (state === null) throw new Error("This side is never in that phase");
    this.state = state;
  }

  on(...events: LinkEvent[]): this {
    for (const event of events) {
      const { state, effects } = reduceLink(this.state, event, this.nowMs);
      this.state = state;
      this.effects.push(...effects.filter(({ type }) => type !== "wake"));
    }
    return this;
  }

  wait(ms: number): this {
    const until = this.nowMs + ms;
    for (let at = linkDeadline(this.state); at !== null && at <= until; at = linkDeadline(this.state)) {
      this.nowMs = at;
      this.on({ type: "tick" });
    }
    this.nowMs = until;
    return this;
  }

  count(type: LinkEffect["type"]): number {
    return this.effects.filter((effect) => effect.type === type).length;
  }

  /** The messages that were sent, with their places. */
  sent(kind: LinkMessage["kind"]) {
    return this.effects.flatMap((effect) => {
      return effect.type === "send" && effect.message.kind === kind
        ? [{ ...effect, message: effect.message }]
        : [];
    });
  }
}

const fresh = (side: Side) => new Link(open(side).state);
const up = (side: Side) => new Link(linkIn(side, "up"));
const NO_MEDIA = { mic: false, cam: false, screen: false, screenAudio: false };
const found: LinkEvent = { type: "candidate", epoch: FIRST, candidate };
const theirs: LinkMessage = { kind: "candidates", id: "peer", candidates: [candidate] };

describe("a side that comes back after a reload", () => {
  const options = { id: "me", floor: FIRST + 4 };

  it("continues above the epochs that it used before", () => {
    const offerer = new Link(openLink({ ...options, ownSeq: 2, peerSeq: 1 }, 0).state);
    expect(offerer.state.epoch).toBe(FIRST + 5);
    const joinedAgain = openLink({ ...options, ownSeq: 3, peerSeq: 1 }, 0).state;
    expect(joinedAgain.epoch).toBe(3 * EPOCHS_PER_SEQ + 1);
  });

  it("asks at once if the other one offers", () => {
    const answerer = new Link(openLink({ ...options, ownSeq: 1, peerSeq: 2 }, 0).state).wait(0);
    expect(answerer.sent("restart")).toMatchObject([{ epoch: FIRST + 4, seq: 0 }]);
    const reloaded = signal(ask(false, { id: "reloaded", number: 0 }), { epoch: FIRST + 4 });
    expect(up("offerer").wait(1_000).on(reloaded).state.epoch).toBe(FIRST + 5);
    // Also if the link has come up just now, so that the new connection waits for a moment.
    expect(up("offerer").on(reloaded).wait(500).state.epoch).toBe(FIRST + 5);
  });
});

describe("negotiation", () => {
  it("takes one answer to each offer, from whom and in the epoch that it is for", () => {
    const refused: LinkEvent[] = [
      signal({ ...answer(1), to: "my former run" } as LinkMessage),
      signal(answer(2)),
      signal(answer(1), { epoch: FIRST + 1 }),
    ];
    for (const event of refused) expect(fresh("offerer").on(described(), event).count("take_answer")).toBe(0);
    const link = fresh("offerer").on(signal(answer(1)));
    expect(link.count("take_answer")).toBe(0);
    const once = fresh("offerer").on(described(), signal(answer(1)), signal(answer(1), { seq: 1 }));
    expect(once.count("take_answer")).toBe(1);
    expect(once.on(remoteSet(), signal(answer(1), { seq: 2 })).count("take_answer")).toBe(1);
  });

  it("takes each offer once, and no answer or restart of another side", () => {
    const link = fresh("answerer").on(
      signal(offer(1)),
      signal(offer(1), { seq: 1 }),
      remoteSet(),
      described(),
    );
    expect(link.count("take_offer")).toBe(1);
    link.on(signal(offer(1), { seq: 2 }), signal(answer(1), { seq: 3 }), signal(ask(true), { seq: 4 }));
    expect([link.count("take_offer"), link.count("take_answer"), link.count("describe")]).toEqual([1, 0, 0]);
    expect(fresh("offerer").on(signal(offer(1))).count("take_offer")).toBe(0);
  });

  it("keeps to the connection when an answer to its restart comes from another run", () => {
    const link = up("offerer").on(signal(ask(false), { seq: 1 }), { type: "renewed" }, described());
    expect(link.on(signal(answer(2, "reloaded"))).count("take_answer")).toBe(0);
    expect(link.on(signal(answer(2), { seq: 2 })).count("take_answer")).toBe(1);
  });

  it("makes a restart that is asked for meanwhile afterwards", () => {
    const link = fresh("offerer").on(described(), signal(answer(1)), signal(ask(false), { seq: 1 }));
    expect(link.count("describe")).toBe(0);
    expect(link.on(remoteSet()).count("describe")).toBe(1);
    const stalled = up("offerer").on(signal(ask(false), { seq: 1 }), { type: "renewed" });
    // A second renewal, as when both a restart of this side and of the peer were prepared.
    stalled.on({ type: "renewed" });
    expect(stalled.count("describe")).toBe(1);
  });

  it("is given up after 6 s in every phase", () => {
    const link = up("offerer").on(signal(ask(false), { seq: 1 }), { type: "renewed" }, beat, described());
    for (let ms = 0; ms < 7_000; ms += 500) link.wait(500).on(beat);
    expect(link.state.epoch).toBe(FIRST + 1);
    const slow = fresh("answerer").on(signal(offer(1)));
    expect(slow.wait(6_000).sent("restart").map(({ message }) => message)).toMatchObject([{
      isRebuild: true,
    }]);
    expect(slow.state.negotiation).toBe("idle");
    const failed = fresh("answerer").on(signal(offer(1)), { type: "failed", epoch: FIRST });
    expect(failed.state.negotiation).toBe("idle");
  });

  it("does nothing for a step that the browser reports late", () => {
    const link = up("answerer").on(described(), remoteSet());
    expect(link.sent("answer")).toEqual([]);
    expect(up("offerer").on(described()).sent("offer")).toEqual([]);
    expect(fresh("offerer").on(remoteSet()).state.negotiation).toBe("describing");
  });
});

describe("candidates", () => {
  it("are sent in batches, after the description to which they belong", () => {
    const link = fresh("offerer").on(found, found).wait(1_000);
    expect(link.on({ type: "tick" }).sent("candidates")).toEqual([]);
    link.on(described()).wait(30).on(found).wait(25);
    expect(
      link.sent("candidates").map((
        { seq, message },
      ) => [seq, "candidates" in message && message.candidates.length]),
    )
      .toEqual([[1, 3]]);
    // The batch closes 50 ms after its first candidate, however many follow.
    link.on(found).wait(40).on(found).wait(15);
    expect(link.sent("candidates")).toHaveLength(2);
    for (let index = 0; index < 70; index += 1) link.on(found);
    link.wait(60);
    expect(link.sent("candidates")).toHaveLength(5);
  });

  it("of the peer wait until its description is set, within limits", () => {
    const link = fresh("answerer").on(signal(offer(1)), signal(theirs, { seq: 1 }));
    expect(link.count("add_candidates")).toBe(0);
    expect(link.on(remoteSet()).count("add_candidates")).toBe(1);
    expect(link.on(signal(theirs, { seq: 2 })).count("add_candidates")).toBe(2);
    const many: LinkMessage = { kind: "candidates", id: "peer", candidates: Array(32).fill(candidate) };
    const flooded = fresh("answerer").on(signal(offer(1)));
    for (let seq = 1; seq < 9; seq += 1) flooded.on(signal(many, { seq }));
    expect(flooded.state.heldCandidates).toHaveLength(64);
  });

  it("of another run or epoch are dropped", () => {
    const link = up("answerer").on(signal({ ...theirs, id: "reloaded" } as LinkMessage, { seq: 1 }));
    link.on(signal(theirs, { epoch: BASE, seq: 9 }));
    expect(link.count("add_candidates")).toBe(0);
  });

  it("that were found for a former connection are not sent for the next one", () => {
    const link = fresh("offerer").on(
      described(),
      found,
      { type: "failed", epoch: FIRST },
      described(FIRST + 1),
    );
    link.wait(100);
    expect(link.sent("candidates")).toEqual([]);
    expect(link.sent("offer").map(({ epoch, seq }) => [epoch, seq])).toEqual([[FIRST, 0], [FIRST + 1, 0]]);
  });
});

describe("recovery", () => {
  it("begins after 1.5 s of silence, or 3 s of a hidden peer", () => {
    expect(up("offerer").wait(1_499).state.phase).toBe("up");
    expect(up("offerer").wait(1_500).state.phase).toBe("stalled");
    const hidden = up("offerer").on({ ...beat, isHidden: true });
    expect([hidden.wait(2_999).state.phase, hidden.wait(1).state.phase]).toEqual(["up", "stalled"]);
  });

  it("begins afresh on a device that slept, since it has heard nobody", () => {
    const woken = (ms: number) => {
      const link = up("offerer");
      link.nowMs = ms;
      return link.on({ type: "tick" });
    };
    expect(woken(3_000).state.phase).toBe("stalled");
    const link = woken(3_001);
    expect(link.state.phase).toBe("up");
    // Whoever is gone is noticed as soon as ever.
    expect([link.wait(1_499).state.phase, link.wait(1).state.phase]).toEqual(["up", "stalled"]);
  });

  it("renews the credentials first, and goes on without them after 1.5 s", () => {
    const link = up("offerer").wait(1_500);
    expect([link.count("renew"), link.count("describe")]).toEqual([1, 0]);
    expect(link.wait(1_500).count("describe")).toBe(1);
    expect(up("answerer").wait(1_500).count("renew")).toBe(1);
    expect(up("offerer").on({ type: "failed", epoch: FIRST }).effects.map(({ type }) => type))
      .toEqual(["renew", "create", "describe"]);
  });

  it("is not stopped by what this side hears when the peer hears nothing", () => {
    const link = up("offerer").on(signal(ask(false), { seq: 1 }), beat);
    expect(link.state.phase).toBe("stalled");
    expect(up("offerer").wait(1_500).on(beat).state.phase).toBe("up");
  });

  it("counts silence from when a packet came, not from when the counters told of it", () => {
    const link = up("offerer").wait(1_000).on({ ...beat, at: 500 });
    expect([link.wait(999).state.phase, link.wait(1).state.phase]).toEqual(["up", "stalled"]);
    // What came before that is no news of the path, and what a wrong clock says is no promise.
    expect(link.on({ ...beat, at: 1_999 }).state.phase).toBe("stalled");
    expect(link.on({ ...beat, at: 2_000 }).state.phase).toBe("up");
    expect(link.on({ ...beat, at: 60_000 }).wait(1_500).state.phase).toBe("stalled");
  });

  it("rebuilds twice, then is down and tries again each 10 s, until it is up", () => {
    const link = up("offerer").wait(60_000);
    expect(link.state.phase).toBe("down");
    const before = link.state.epoch;
    link.wait(10_000);
    expect([link.state.phase, link.state.epoch]).toEqual(["down", before + 1]);
    link.on({ type: "connected", epoch: before + 1 });
    expect([link.state.phase, link.state.rebuilds]).toEqual(["up", 0]);
    const failing = up("offerer");
    for (let round = 0; round < 9; round += 1) failing.on({ type: "failed", epoch: failing.state.epoch });
    expect([failing.state.phase, failing.state.epoch]).toEqual(["down", FIRST + 2]);
  });

  it("gives each new connection its whole time", () => {
    const link = up("answerer").on({ type: "failed", epoch: FIRST }).wait(7_000);
    link.on(signal(offer(1), { epoch: FIRST + 1 }), remoteSet(FIRST + 1), described(FIRST + 1)).wait(7_900);
    expect([link.state.phase, link.sent("restart").length]).toEqual(["rebuilding", 1]);
  });

  it("measures what arrives from the moment when the path works, and afresh on a new connection", () => {
    const told = { mic: true, cam: true, screen: false, screenAudio: false };
    const media = (epoch: number, count: number): LinkEvent => {
      return { type: "media", epoch, told, packets: { mic: count, cam: count, screen: 0, screenAudio: 0 } };
    };
    const link = up("offerer").on(media(FIRST, 1_000)).wait(1_500).on({ type: "renewed" }).wait(3_900).on(
      beat,
    );
    expect(link.state.phase).toBe("up");
    const next = { epoch: FIRST + 1 };
    link.on(
      { type: "failed", epoch: FIRST },
      described(FIRST + 1),
      signal(answer(1), next),
      remoteSet(FIRST + 1),
    );
    link.on({ type: "connected", ...next });
    for (let count = 10; count < 200; count += 10) {
      link.wait(500).on({ ...beat, epoch: FIRST + 1 }, media(FIRST + 1, count));
    }
    expect([link.state.phase, link.state.epoch]).toEqual(["up", FIRST + 1]);
    // What is told to be off need not arrive.
    const off = up("offerer").on(media(FIRST, 1), { ...media(FIRST, 1), told: NO_MEDIA } as LinkEvent);
    for (let round = 0; round < 20; round += 1) off.wait(500).on(beat);
    expect([off.state.phase, off.count("describe")]).toEqual(["up", 0]);
    // Only the camera is dry: first a restart, then a new connection, and then no more.
    const dry = up("offerer").on(media(FIRST, 1));
    for (let round = 1; round < 60; round += 1) {
      const { epoch, offer: number, negotiation } = dry.state;
      const seq = number - 1;
      if (negotiation === "describing") {
        dry.on(described(epoch), signal(answer(number), { epoch, seq }), remoteSet(epoch));
      }
      const packets = { mic: round, cam: epoch === FIRST ? 1 : 0, screen: 0, screenAudio: 0 };
      dry.wait(500).on({ type: "renewed" }, { ...beat, epoch }, { type: "media", epoch, told, packets });
    }
    expect([dry.count("describe"), dry.count("create")]).toEqual([2, 1]);
  });

  it("answers a peer that starts over at most twice a second", () => {
    const link = up("offerer").wait(1_000).on(beat);
    for (let seq = 1; seq < 50; seq += 1) {
      link.on(signal(ask(true, { id: `run ${seq}`, number: 0 }), { epoch: BASE })).wait(10);
      link.on(described(link.state.epoch), signal(answer(1), { epoch: link.state.epoch }));
    }
    expect(link.count("create")).toBeLessThanOrEqual(2);
    // What came too soon is done in a moment.
    const soon = fresh("offerer").on(
      described(),
      signal(answer(1)),
      remoteSet(),
      signal(ask(true), { seq: 1 }),
    );
    expect([soon.count("create"), soon.wait(500).count("create")]).toEqual([0, 1]);
  });

  it("makes few connections for a peer that asks for them without end, and some for one that needs them", () => {
    const minute = (link: Link, next: (round: number) => LinkEvent) => {
      // As many as the server passes on.
      for (let round = 0; round < 60 * 30; round += 1) link.on(next(round)).wait(1_000 / 30);
      return link.count("create");
    };
    const most = ALLOWANCE_MAX_COUNT + 60_000 / ALLOWANCE_MS + 1;
    const offered = minute(fresh("answerer"), (round) => signal(offer(1), { epoch: FIRST + round }));
    expect(offered).toBeLessThanOrEqual(most);
    for (const phase of ["up", "stalled", "restarting", "rebuilding", "down"] as const) {
      const link = new Link(linkIn("offerer", phase));
      const asked = minute(link, (round) => {
        return signal(ask(true, { id: `run ${round}`, number: 0 }), { epoch: FIRST + round });
      });
      expect([phase, asked <= most + 60_000 / DOWN_RETRY_MS]).toEqual([phase, true]);
      // Those that it needs are made again after a while.
      link.wait(30_000);
      const before = link.count("create");
      link.on(signal(ask(true, { id: "late", number: 0 }), { epoch: link.state.epoch + 1 })).wait(500);
      expect([phase, link.count("create") > before]).toEqual([phase, true]);
    }
  });

  it("repeats an offer that is overdue when the peer asks, or that the peer could not take", () => {
    const hello = ask(false, { number: 0 });
    const link = fresh("offerer").on(described()).wait(1_900).on(signal(hello, { epoch: BASE }));
    expect(link.count("create")).toBe(0);
    expect(link.wait(200).on(signal(hello, { epoch: BASE, seq: 1 })).count("create")).toBe(1);
    expect(fresh("offerer").on(described()).wait(600).on(signal(ask(true))).count("create")).toBe(1);
    const down = new Link(linkIn("offerer", "down"));
    down.on(
      described(down.state.epoch),
      signal(answer(1), { epoch: down.state.epoch }),
      remoteSet(down.state.epoch),
    );
    down.on(signal(ask(false), { epoch: down.state.epoch, seq: 1 }));
    expect(down.count("create")).toBe(1);
  });

  it("sets the alarm again when a tick comes early", () => {
    const { state } = up("offerer");
    expect(reduceLink(state, { type: "tick" }, 1_499).effects).toContainEqual({ type: "wake", at: 1_500 });
  });

  it("stays in its own epochs", () => {
    const last = BASE + EPOCHS_PER_SEQ - 1;
    const link = new Link({ ...up("offerer").state, epoch: last }).on({ type: "failed", epoch: last });
    expect(link.count("create")).toBe(0);
    expect(up("answerer").on(signal(offer(1), { epoch: last + 1 })).count("create")).toBe(0);
    expect(up("answerer").on(signal(offer(1), { epoch: 0.5 })).count("create")).toBe(0);
  });
});

describe("closeLink()", () => {
  it("tells the peer, which then tries no more for a while", () => {
    const [bye] = closeLink(up("offerer").state);
    expect(bye).toMatchObject({ type: "send", epoch: FIRST, message: { kind: "bye", id: "me" } });
    const peer = up("answerer").on(signal({ kind: "bye", id: "peer" }, { seq: 1 })).wait(9_000);
    expect([peer.state.phase, peer.count("renew")]).toEqual(["down", 0]);
  });
});
