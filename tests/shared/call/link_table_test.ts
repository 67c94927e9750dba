import { describe, expect, it } from "vitest";
import { EPOCHS_PER_SEQ } from "../../../shared/call/link_state.ts";
import type { LinkEvent, LinkPhase } from "../../../shared/call/link_state.ts";
import { linkDeadline, reduceLink } from "../../../shared/call/reduce_link.ts";
import type { LinkStep } from "../../../shared/call/reduce_link.ts";
import { answer, ask, BASE, beat, candidate, FIRST, linkIn, offer, PHASES, signal } from "./link_fixtures.ts";
import type { Side } from "./link_fixtures.ts";

const EVENTS: Readonly<Record<string, LinkEvent>> = {
  "beat": beat,
  "beat of another epoch": { ...beat, epoch: BASE },
  "connected": { type: "connected", epoch: FIRST },
  "failed": { type: "failed", epoch: FIRST },
  "failed in another epoch": { type: "failed", epoch: FIRST + 9 },
  "silent": { type: "silent", epoch: FIRST },
  "silent in another epoch": { type: "silent", epoch: FIRST + 9 },
  "renewed": { type: "renewed" },
  "network changed": { type: "network_changed" },
  "offer again": signal(offer(1), { seq: 1 }),
  "restart offer": signal(offer(2), { seq: 1 }),
  "offer of the next epoch": signal(offer(1), { epoch: FIRST + 1 }),
  "restart of an unknown connection": signal(offer(2), { epoch: FIRST + 1 }),
  "old offer": signal(offer(1), { epoch: BASE, seq: 7 }),
  "offer of another run": signal(offer(1, "reloaded"), { epoch: FIRST }),
  "offer beyond all epochs": signal(offer(1), { epoch: BASE + EPOCHS_PER_SEQ }),
  "answer again": signal(answer(1), { seq: 1 }),
  "ask": signal(ask(false), { seq: 1 }),
  "ask to rebuild": signal(ask(true), { seq: 1 }),
  "ask before the offer": signal(ask(false, { number: 0 }), { seq: 1 }),
  "ask of an old epoch": signal(ask(true), { epoch: BASE }),
  "ask of a later epoch": signal(ask(true), { epoch: FIRST + 5 }),
  "ask of another run": signal(ask(false, { id: "reloaded", number: 0 }), { epoch: BASE }),
  "bye": signal({ kind: "bye", id: "peer" }, { seq: 1 }),
  "bye of another run": signal({ kind: "bye", id: "reloaded" }, { seq: 1 }),
  "candidate": { type: "candidate", epoch: FIRST, candidate },
};

/**
 * The phase after each event, in the order of `PHASES`: `+` where a new epoch begins, `?` where this side asks for
 * an offer, `~` where a new connection is made in a moment, because the one before was made just now.
 */
const TABLES: Readonly<Record<Side, Readonly<Record<string, string>>>> = {
  offerer: {
    "beat": "- up up up up rebuilding down",
    "beat of another epoch": "- connecting up stalled restarting rebuilding down",
    "connected": "- up up up up rebuilding down",
    "failed": "- rebuilding+ rebuilding+ rebuilding+ rebuilding+ rebuilding down",
    "failed in another epoch": "- connecting up stalled restarting rebuilding down",
    "silent": "- connecting stalled stalled restarting rebuilding down",
    "silent in another epoch": "- connecting up stalled restarting rebuilding down",
    "renewed": "- connecting up restarting restarting rebuilding down",
    "network changed": "- connecting stalled stalled restarting rebuilding down+",
    "offer again": "- connecting up stalled restarting rebuilding down",
    "restart offer": "- connecting up stalled restarting rebuilding down",
    "offer of the next epoch": "- connecting up stalled restarting rebuilding down",
    "restart of an unknown connection": "- connecting up stalled restarting rebuilding down",
    "old offer": "- connecting up stalled restarting rebuilding down",
    "offer of another run": "- connecting up stalled restarting rebuilding down",
    "offer beyond all epochs": "- connecting up stalled restarting rebuilding down",
    "answer again": "- connecting up stalled restarting rebuilding down",
    "ask": "- connecting stalled stalled restarting rebuilding down",
    "ask to rebuild": "- connecting~ up~ rebuilding+ restarting rebuilding down",
    "ask before the offer": "- connecting up stalled restarting rebuilding down",
    "ask of an old epoch": "- connecting up stalled restarting rebuilding down",
    "ask of a later epoch": "- connecting~ up~ rebuilding+ restarting~ rebuilding~ down+",
    "ask of another run": "- connecting~ up~ rebuilding+ restarting~ rebuilding down",
    "bye": "- down down down down rebuilding down",
    "bye of another run": "- connecting up stalled restarting rebuilding down",
    "candidate": "- connecting up stalled restarting rebuilding down",
  },
  answerer: {
    "beat": "new up up up up up up",
    "beat of another epoch": "new connecting up stalled restarting rebuilding down",
    "connected": "new up up up up up up",
    "failed": "new rebuilding? rebuilding? rebuilding? rebuilding? rebuilding? down",
    "failed in another epoch": "new connecting up stalled restarting rebuilding down",
    "silent": "new connecting stalled? stalled restarting rebuilding down",
    "silent in another epoch": "new connecting up stalled restarting rebuilding down",
    "renewed": "new connecting up stalled restarting rebuilding down",
    "network changed": "new connecting stalled? stalled restarting rebuilding down?",
    "offer again": "new connecting up stalled restarting rebuilding down",
    "restart offer": "new restarting restarting restarting restarting restarting down",
    "offer of the next epoch":
      "connecting+ rebuilding+ rebuilding+ rebuilding+ rebuilding+ rebuilding+ down+",
    "restart of an unknown connection":
      "new+? rebuilding+? rebuilding+? rebuilding+? rebuilding+? rebuilding+? down+?",
    "old offer": "new connecting up stalled restarting rebuilding down",
    "offer of another run": "connecting+ connecting? up? stalled? restarting? rebuilding? down?",
    "offer beyond all epochs": "new connecting up stalled restarting rebuilding down",
    "answer again": "new connecting up stalled restarting rebuilding down",
    "ask": "new connecting up stalled restarting rebuilding down",
    "ask to rebuild": "new connecting up stalled restarting rebuilding down",
    "ask before the offer": "new connecting up stalled restarting rebuilding down",
    "ask of an old epoch": "new connecting up stalled restarting rebuilding down",
    "ask of a later epoch": "new connecting up stalled restarting rebuilding down",
    "ask of another run": "new connecting up stalled restarting rebuilding down",
    "bye": "new down down down down down down",
    "bye of another run": "new connecting up stalled restarting rebuilding down",
    "candidate": "new connecting up stalled restarting rebuilding down",
  },
};

function hasAsked({ effects }: LinkStep): boolean {
  return effects.some((effect) => effect.type === "send" && effect.message.kind === "restart");
}

function nextIn(side: Side, phase: LinkPhase, event: LinkEvent): string {
  const state = linkIn(side, phase);
  if (state === null) return "-";
  // Signals of the current epoch come in order.
  const isNext = event.type === "signal" && event.epoch === state.inbox.epoch;
  const step = reduceLink(state, isNext ? { ...event, seq: state.inbox.next } : event, 0);
  const { state: next } = step;
  const later = next.retryAt !== state.retryAt && next.retryAt === 500 ? "~" : "";
  return `${next.phase}${next.epoch > state.epoch ? "+" : ""}${hasAsked(step) ? "?" : ""}${later}`;
}

describe("reduceLink()", () => {
  for (const side of ["offerer", "answerer"] as const) {
    it(`goes from each phase to the one that the table names, by each event: ${side}`, () => {
      const found = Object.entries(EVENTS).map(([name, event]) => {
        return [name, PHASES.map((phase) => nextIn(side, phase, event)).join(" ")];
      });
      expect(Object.fromEntries(found)).toEqual(TABLES[side]);
    });
  }

  it("ends each phase that does not last by itself, and tries again where it is down", () => {
    expect(PHASES.map((phase) => waitIn("offerer", phase))).toEqual([
      "-",
      "rebuilding+ after 8000",
      "stalled after 1500",
      "restarting after 1500",
      "rebuilding+ after 4000",
      "rebuilding+ after 6000",
      "down+ after 10000",
    ]);
    expect(PHASES.map((phase) => waitIn("answerer", phase))).toEqual([
      "new? after 2000",
      "rebuilding? after 8000",
      "stalled? after 1500",
      "rebuilding? after 4000",
      "rebuilding? after 4000",
      "rebuilding? after 8000",
      "down? after 10000",
    ]);
  });
});

/** Waits at each deadline until the phase changes, or the link tries again. */
function waitIn(side: Side, phase: LinkPhase): string {
  let state = linkIn(side, phase);
  for (
    let at = state === null ? null : linkDeadline(state);
    at !== null && state !== null;
    at = linkDeadline(state)
  ) {
    const { epoch } = state;
    const step = reduceLink(state, { type: "tick" }, at);
    const tried = `${step.state.epoch > epoch ? "+" : ""}${hasAsked(step) ? "?" : ""}`;
    if (step.state.phase !== phase || tried !== "") return `${step.state.phase}${tried} after ${at}`;
    state = step.state;
  }
  return "-";
}
