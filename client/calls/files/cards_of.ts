import type { IncomingFile, OutgoingFile } from "../../../shared/call/file_transfer.ts";
import { isFinal } from "../../../shared/call/file_transfer.ts";
import { cleanFileName } from "../../../shared/call/file_name.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { FileCard, SpaceProblem } from "./file_card.ts";
import type { QueuedFile } from "./offer_queue.ts";
import type { PeerFiles } from "./peer_files.ts";
import type { ReceivedRecord, SentRecord } from "./transfer_records.ts";

/** Everything that cards show. */
export interface CardSources {
  readonly peers: readonly PeerFiles[];
  readonly queued: readonly QueuedFile[];
  readonly kept: readonly ReceivedRecord[];
  /** How much is stored of a kept file. */
  readonly storedOf: (record: ReceivedRecord) => number;
  readonly paused: readonly SentRecord[];
  readonly spaces: ReadonlyMap<string, SpaceProblem>;
  /** The cards so far, whose order stays. */
  readonly before: readonly FileCard[];
}

const BLANK = {
  isConnected: false,
  doneBytes: 0,
  bytesPerSecond: null,
  failure: null,
  isHeld: false,
  space: null,
  isKept: false,
  isSaved: false,
  hasHandle: false,
} as const;

/** The key of the card of a file that somebody sends. */
export function incomingKey(peerId: UserId, fileId: string): string {
  return `in ${peerId} ${fileId}`;
}

/** Returns one card for each file. */
export function cardsOf({ peers, queued, kept, storedOf, paused, spaces, before }: CardSources): FileCard[] {
  const cards: FileCard[] = [];
  const add = (card: FileCard) => {
    // A file that lies here may be known to a link as well, which says more.
    if (cards.some(({ key }) => key === card.key)) return;
    // One's own file may come from somebody who deceives, too.
    cards.push({ ...card, name: cleanFileName(card.name) });
  };
  for (const peer of peers) for (const card of cardsOfPeer(peer, kept, spaces)) add(card);
  for (const { peerId, fileId, file, phase } of queued) {
    add({ ...BLANK, ...ownIds(peerId, fileId), name: file.name, size: file.size, phase });
  }
  for (const record of kept.filter(({ isHidden }) => !isHidden)) {
    const isThere = peers.some(({ userId, link }) => userId === record.peerId && link.state.value.isOpen);
    add(cardOfKept(record, { doneBytes: storedOf(record), isThere }));
  }
  for (const { peerId, fileId, name, size, handle } of paused) {
    add({
      ...BLANK,
      ...ownIds(peerId, fileId),
      name,
      size,
      phase: "lost_source",
      hasHandle: handle !== null,
    });
  }
  const places = new Map(before.map(({ key }, index) => [key, index]));
  const placeOf = ({ key }: FileCard) => places.get(key) ?? before.length;
  return cards.sort((a, b) => placeOf(a) - placeOf(b));
}

function cardsOfPeer(
  { userId, link }: PeerFiles,
  kept: readonly ReceivedRecord[],
  spaces: ReadonlyMap<string, SpaceProblem>,
): FileCard[] {
  const { incoming, outgoing, isOpen } = link.state.value;
  const failures = link.failures.value;
  const shared = ({ fileId, name, size, phase }: IncomingFile | OutgoingFile) => {
    return {
      ...BLANK,
      fileId,
      name,
      size,
      phase,
      isConnected: isOpen,
      failure: failures.get(fileId) ?? null,
    };
  };
  const recordOf = ({ fileId }: IncomingFile) =>
    kept.find((one) => one.peerId === userId && one.fileId === fileId);
  return [
    ...incoming.filter((file) => recordOf(file)?.isHidden !== true).map((file): FileCard => {
      const ids = otherIds(userId, file.fileId);
      const record = recordOf(file);
      return {
        ...shared(file),
        ...ids,
        phase: file.phase === "receiving" && isOpen && !file.isOffered ? "awaited" : file.phase,
        isHeld: link.held.value.has(file.fileId),
        doneBytes: isFinal(file) ? file.stored : file.received,
        space: file.phase === "offered" ? spaces.get(ids.key) ?? null : null,
        isKept: file.phase === "done" && record !== undefined,
        isSaved: typeof record?.savedAt === "number",
      };
    }),
    ...outgoing.map((file): FileCard => ({
      ...shared(file),
      ...ownIds(userId, file.fileId),
      phase: isInterrupted(file, isOpen) ? "interrupted" : file.phase,
      doneBytes: file.acked,
    })),
  ];
}

/** Whether a file was accepted before the path broke, and not since. */
function isInterrupted({ phase, isAccepted }: OutgoingFile, isOpen: boolean): boolean {
  return phase === "waiting" && !(isOpen && isAccepted);
}

function cardOfKept(
  { peerId, fileId, name, size, isDone, savedAt }: ReceivedRecord,
  { doneBytes, isThere }: { readonly doneBytes: number; readonly isThere: boolean },
): FileCard {
  const phase = isDone ? "done" : isThere ? "awaited" : "receiving";
  const isSaved = savedAt !== null;
  return {
    ...BLANK,
    ...otherIds(peerId, fileId),
    name,
    size,
    phase,
    doneBytes,
    isKept: isDone,
    isSaved,
  };
}

function ownIds(peerId: UserId, fileId: string) {
  return { key: `out ${fileId}`, peerId, fileId, isIncoming: false };
}

function otherIds(peerId: UserId, fileId: string) {
  return { key: incomingKey(peerId, fileId), peerId, fileId, isIncoming: true };
}
