import { signal } from "@preact/signals";
import { render } from "preact";
import { LiveFigures } from "../../../../client/calls/doctor/LiveFigures.tsx";
import type { MeasuredPerson } from "../../../../client/calls/doctor/LiveFigures.tsx";
import { SafetyCode } from "../../../../client/calls/doctor/SafetyCode.tsx";
import type { LinkFigures } from "../../../../client/calls/call_parts.ts";
import type { LinkPhase } from "../../../../shared/call/link_state.ts";
import type { ParticipantId, UserId } from "../../../../shared/ids.ts";

/** What the test of the figures sets from outside. Run in a browser by figures_browser_test.ts. */
export interface FiguresPage {
  /** A second of a person's figures. */
  measure(id: string, change: Partial<LinkFigures>): void;
  join(id: string): void;
  leave(id: string): void;
  readonly open: { value: "figures" | "sfu_figures" | "code" | "sfu" | null };
  readonly code: { value: string | null };
  readonly phase: { value: LinkPhase };
  /** Of all people, how many the dialog listens to. */
  listenerCount(): number;
}

const FIGURES: LinkFigures = {
  roundTripMs: 40,
  lossPercent: 0,
  peerLossPercent: 0,
  jitterMs: 5,
  sentBitsPerSecond: 900_000,
  receivedBitsPerSecond: 1_200_000,
  localType: "host",
  remoteType: "srflx",
  protocol: "udp",
  relayProtocol: null,
  limitation: "none",
};

let listeners = 0;
const peers = signal<ReadonlyMap<ParticipantId, MeasuredPerson>>(new Map());
const figuresOf = new Map<string, ReturnType<typeof openFigures>>();
const open = signal<"figures" | "sfu_figures" | "code" | "sfu" | null>("figures");
const code = signal<string | null>(null);
const phase = signal<LinkPhase>("connecting");

function openFigures() {
  return signal<LinkFigures | null>(null, {
    watched: () => void listeners++,
    unwatched: () => void listeners--,
  });
}

function Page() {
  const close = () => open.value = null;
  const peer = { phase, safetyCode: () => Promise.resolve(code.value) };
  return (
    <>
      <h1>Parts</h1>
      {open.value === "figures" || open.value === "sfu_figures"
        ? (
          <LiveFigures
            peers={peers}
            nameOf={(userId) => userId}
            isSfu={open.value === "sfu_figures"}
            onClose={close}
          />
        )
        : open.value === null
        ? null
        : <SafetyCode peer={peer} name="Bo" isSfu={open.value === "sfu"} onClose={close} />}
    </>
  );
}

const page: FiguresPage = {
  measure: (id, change) => {
    const figures = figuresOf.get(id);
    if (figures !== undefined) figures.value = { ...FIGURES, ...change };
  },
  join(id) {
    const figures = openFigures();
    figuresOf.set(id, figures);
    const person = { participantId: id as ParticipantId, userId: id as UserId, figures };
    peers.value = new Map(peers.value).set(person.participantId, person);
  },
  leave(id) {
    const rest = new Map(peers.value);
    rest.delete(id as ParticipantId);
    peers.value = rest;
  },
  open,
  code,
  phase,
  listenerCount: () => listeners,
};
Object.assign(globalThis, { figures: page });
const place = document.getElementById("app");
if (place !== null) render(<Page />, place);
