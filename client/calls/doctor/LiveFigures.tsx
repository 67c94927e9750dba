import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ParticipantId, UserId } from "../../../shared/ids.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import type { LinkFigures, RemotePeer } from "../call_parts.ts";
import { describeRoute, formatBitRate, formatPercent } from "./describe_route.ts";
import { FigureChart } from "./FigureChart.tsx";
import { FiguresHistory } from "./figures_history.ts";
import type { History } from "./figures_history.ts";

/** What is measured of a peer. */
export type MeasuredPerson = Pick<RemotePeer, "participantId" | "userId" | "figures">;

/** Props of `LiveFigures`. */
export interface LiveFiguresProps {
  readonly peers: ReadonlySignal<ReadonlyMap<ParticipantId, MeasuredPerson>>;
  readonly nameOf: (userId: UserId) => string;
  /** Whether media goes through LiveKit, where the way to others ends for this device. */
  readonly isSfu: boolean;
  readonly onClose: () => void;
}

/** What the links of a call measure, as charts of the last minute. */
export function LiveFigures({ peers, nameOf, isSfu, onClose }: LiveFiguresProps): JSX.Element {
  const history = useMemo(() => new FiguresHistory(peers), [peers]);
  useEffect(() => () => history[Symbol.dispose](), [history]);
  const people = [...peers.value.values()];
  return (
    <Dialog title="Connection" onClose={onClose}>
      <div class="dialog-body">
        {isSfu && people.length > 0
          ? (
            <p class="dialog-text">
              Measured between you and LiveKit. What is lost beyond it is not counted.
            </p>
          )
          : null}
        {people.length === 0
          ? <p class="dialog-text">Nobody else is in the call yet.</p>
          : people.map((peer) => (
            <PersonFigures
              key={peer.participantId}
              name={nameOf(peer.userId)}
              isSfu={isSfu}
              history={history.histories.value.get(peer.participantId) ?? []}
            />
          ))}
      </div>
    </Dialog>
  );
}

interface FigureKind {
  readonly title: string;
  readonly sfuTitle?: string;
  readonly read: (figures: LinkFigures) => number | null;
  readonly scale: number;
  readonly format: (value: number) => string;
}

const formatMs = (ms: number) => `${Math.round(ms)} ms`;

const KINDS: readonly FigureKind[] = [
  { title: "Round trip", read: ({ roundTripMs }) => roundTripMs, scale: 200, format: formatMs },
  { title: "Jitter", read: ({ jitterMs }) => jitterMs, scale: 40, format: formatMs },
  {
    title: "Lost on the way to you",
    read: ({ lossPercent }) => lossPercent,
    scale: 10,
    format: formatPercent,
  },
  {
    title: "Lost on the way to them",
    sfuTitle: "Lost on the way to LiveKit",
    read: ({ peerLossPercent }) => peerLossPercent,
    scale: 10,
    format: formatPercent,
  },
  { title: "Up", read: ({ sentBitsPerSecond }) => sentBitsPerSecond, scale: 200_000, format: formatBitRate },
  {
    title: "Down",
    read: ({ receivedBitsPerSecond }) => receivedBitsPerSecond,
    scale: 200_000,
    format: formatBitRate,
  },
];

const LIMITATIONS = {
  cpu: "The picture is smaller because this computer is busy.",
  bandwidth: "The picture is smaller because the upload is slow.",
  other: "The picture is smaller than it could be.",
} as const;

interface PersonFiguresProps extends Pick<LiveFiguresProps, "isSfu"> {
  readonly name: string;
  readonly history: History;
}

function PersonFigures({ name, isSfu, history }: PersonFiguresProps): JSX.Element {
  const now = history.at(-1);
  const limitation = now?.limitation ?? "none";
  return (
    <section class="figures" aria-label={name}>
      <h3>
        <span class="figures-name" dir="auto">{name}</span>
        <span class="figures-route">
          {now !== undefined ? describeRoute(now, isSfu) ?? "No connection" : isSfu
            // LiveKit is measured by what passes through it.
            ? "Nothing is sent yet"
            : "Measuring …"}
        </span>
      </h3>
      <div class="figures-grid">
        {KINDS.map(({ title, sfuTitle, read, scale, format }) => (
          <FigureChart
            key={title}
            title={isSfu ? sfuTitle ?? title : title}
            values={history.map(read)}
            scale={scale}
            format={format}
          />
        ))}
      </div>
      {limitation === "none" ? null : <p class="figures-limit">{LIMITATIONS[limitation]}</p>}
    </section>
  );
}
