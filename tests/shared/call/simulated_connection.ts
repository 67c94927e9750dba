import type { LinkEffect, LinkEvent } from "../../../shared/call/link_state.ts";

/** What a connection reports: an event for its link, after a while. */
export type Report = (event: LinkEvent, afterMs: number) => void;

type ConnectionEffect = Exclude<LinkEffect, { type: "wake" | "send" | "renew" }>;

/**
 * A simple model of an RTCPeerConnection, which accepts only what a browser accepts: it throws on a second offer
 * before the answer, on an answer to another offer, and on candidates without a remote description.
 */
export class SimulatedConnection {
  readonly epoch: number;
  readonly isOfferer: boolean;
  readonly #report: Report;
  readonly #name: string;
  #signaling: "stable" | "have-local-offer" = "stable";
  #offer: string | null = null;
  #count = 0;
  /** Both descriptions of the last negotiation; two sides with the same one can find a path. */
  session: string | null = null;
  hasCandidates = false;
  isClosed = false;

  constructor(options: { epoch: number; isOfferer: boolean; name: string; report: Report }) {
    this.epoch = options.epoch;
    this.isOfferer = options.isOfferer;
    this.#name = options.name;
    this.#report = options.report;
  }

  apply(effect: ConnectionEffect): void {
    if (effect.epoch !== this.epoch) {
      throw new Error(`${effect.type} for epoch ${effect.epoch} in ${this.epoch}`);
    }
    if (this.isClosed) throw new Error(`${effect.type} on a closed connection`);
    switch (effect.type) {
      case "describe":
        return this.#describe();
      case "take_offer":
        return this.#takeOffer(effect.sdp);
      case "take_answer":
        return this.#takeAnswer(effect.sdp);
      case "add_candidates":
        if (this.session === null) throw new Error("Candidates without a remote description");
        this.hasCandidates = true;
        return;
      case "close":
        this.isClosed = true;
        return;
      case "create":
        throw new Error("A connection is made once");
    }
  }

  #describe(): void {
    if (!this.isOfferer) throw new Error("Only the offerer makes offers");
    if (this.#signaling !== "stable") throw new Error("An offer while another one has no answer");
    this.#signaling = "have-local-offer";
    this.#count += 1;
    this.#offer = `${this.#name}/${this.epoch}/${this.#count}`;
    this.#report({ type: "described", epoch: this.epoch, sdp: this.#offer }, 5);
    this.#gather();
  }

  #takeOffer(sdp: string): void {
    if (this.isOfferer) throw new Error("The offerer takes no offers");
    this.session = sdp;
    this.hasCandidates = false;
    this.#report({ type: "remote_set", epoch: this.epoch }, 3);
    this.#report({ type: "described", epoch: this.epoch, sdp }, 8);
    this.#gather();
  }

  #takeAnswer(sdp: string): void {
    if (this.#signaling !== "have-local-offer") throw new Error("An answer without an offer");
    if (sdp !== this.#offer) throw new Error("An answer to another offer");
    this.#signaling = "stable";
    this.session = sdp;
    this.hasCandidates = false;
    this.#report({ type: "remote_set", epoch: this.epoch }, 3);
  }

  #gather(): void {
    for (const afterMs of [4, 20, 90]) {
      const candidate = { candidate: `c${afterMs}`, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: null };
      this.#report({ type: "candidate", epoch: this.epoch, candidate }, afterMs);
    }
  }
}
