import type { LinkMessage } from "./link_message.ts";

/** A message of a peer, with its place among the peer's messages. */
export interface LinkSignal {
  readonly epoch: number;
  readonly seq: number;
  readonly message: LinkMessage;
}

/** What has arrived from a peer in its newest epoch. */
export interface SignalInbox {
  readonly epoch: number;
  /** Who sends in this epoch; null before the first signal. */
  readonly id: string | null;
  /** The number of the next signal. */
  readonly next: number;
  /** Signals whose predecessors are missing. */
  readonly held: readonly LinkSignal[];
  /** When to go on without them. */
  readonly skipAt: number | null;
}

/** Nothing has arrived. */
export const EMPTY_INBOX: SignalInbox = { epoch: -1, id: null, next: 0, held: [], skipAt: null };

/** A missing signal is waited for this long. The server keeps the order, so it is lost rather than late. */
export const GAP_MS = 300;
const HELD_MAX_COUNT = 64;

/** The inbox after a step, and what can be handled now, in order. */
export interface Received {
  readonly inbox: SignalInbox;
  readonly ready: readonly LinkSignal[];
}

/**
 * Takes a signal: each is handled at most once, in order within its epoch. Those of an earlier epoch, or of
 * somebody else who uses the same epoch, have no order: they only show that a peer has started over.
 */
export function receive(inbox: SignalInbox, signal: LinkSignal, nowMs: number): Received {
  const { epoch, seq, message: { id } } = signal;
  if (epoch < inbox.epoch) return { inbox, ready: [signal] };
  if (epoch > inbox.epoch) return receive({ ...EMPTY_INBOX, epoch, id }, signal, nowMs);
  if (id !== inbox.id) return { inbox, ready: [signal] };
  const isKnown = seq < inbox.next || inbox.held.some((one) => one.seq === seq);
  if (isKnown || inbox.held.length >= HELD_MAX_COUNT) return { inbox, ready: [] };
  return release({ ...inbox, held: [...inbox.held, signal] }, nowMs);
}

/** Goes on without a signal that did not come. */
export function skipGap(inbox: SignalInbox, nowMs: number): Received {
  if (inbox.skipAt === null || inbox.skipAt > nowMs) return { inbox, ready: [] };
  const next = Math.min(...inbox.held.map((one) => one.seq));
  return release({ ...inbox, next, skipAt: null }, nowMs);
}

function release(inbox: SignalInbox, nowMs: number): Received {
  const ready: LinkSignal[] = [];
  const held = inbox.held.toSorted((a, b) => a.seq - b.seq);
  let { next } = inbox;
  while (held[0] !== undefined && held[0].seq === next) {
    ready.push(held[0]);
    held.shift();
    next += 1;
  }
  const isSameGap = next === inbox.next && inbox.skipAt !== null;
  const skipAt = held.length === 0 ? null : isSameGap ? inbox.skipAt : nowMs + GAP_MS;
  return { inbox: { ...inbox, next, held, skipAt }, ready };
}
