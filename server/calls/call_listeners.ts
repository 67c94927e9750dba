import type { CallUpdate } from "../../shared/call/call_types.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { TabAddress } from "../../shared/signal.ts";
import { SIGNALS } from "../../shared/signals.ts";
import type { Feed, Notice } from "../changes.ts";
import { isRoomNotice } from "../rooms/room_stream.ts";
import type { RoomSummaryCache } from "../rooms/room_summary_cache.ts";
import { signalItem, topicOf } from "../streams/signals.ts";
import type { Listener, Signals, SignalView } from "../streams/signals.ts";
import type { CallBoard } from "./call_board.ts";
import { newsOf, toRing } from "./call_news.ts";
import type { News, NewsAddress, RemainingOf } from "./call_news.ts";
import { toCall } from "./call_record.ts";

export interface CallListenersOptions {
  readonly board: CallBoard;
  readonly feed: Feed;
  readonly signals: Signals;
  /** Knows the rooms of connected people. */
  readonly summaries: RoomSummaryCache;
  readonly remainingOf: RemainingOf;
  readonly now: () => number;
  /** Called when a tab begins to listen. */
  readonly onOpened: (address: TabAddress) => void;
}

/** A listener, which has no stream if it polls. */
export interface CallListener extends Listener {
  readonly isPolling?: boolean;
}

/** A tab that listens here. */
export interface ListeningTab {
  readonly address: TabAddress;
  /** Streams and polls. */
  listenerCount: number;
  streamCount: number;
}

/** The tabs that listen on this instance, and what each hears: the calls of its rooms, and its own rings. */
export class CallListeners {
  readonly #options: CallListenersOptions;
  /** By user and topic. */
  readonly #byUser = new Map<UserId, Map<string, ListeningTab>>();
  /** People who joined a room during its call; their summaries may be read later. */
  readonly #joined = new Map<RoomId, Set<UserId>>();
  readonly #stops: (() => void)[];

  /** Subscribes to the feed and the board. */
  constructor(options: CallListenersOptions) {
    this.#options = options;
    const { board, feed, signals, remainingOf } = options;
    signals.setView(SIGNALS.signals, (listener) => this.#open(listener));
    this.#stops = [
      board.subscribe((change) => {
        for (const news of newsOf(change, remainingOf)) this.#tell(change.roomId, news);
        if (change.after.call === null) this.#joined.delete(change.roomId);
      }),
      feed.subscribe("deliver", (notice) => this.#hear(notice)),
    ];
  }

  /** Returns a tab that listens here, or null. */
  find(address: TabAddress): ListeningTab | null {
    return this.#byUser.get(address.userId)?.get(topicOf(SIGNALS.signals, address)) ?? null;
  }

  /** Whether a tab has a stream here. */
  hasStream(address: TabAddress): boolean {
    return (this.find(address)?.streamCount ?? 0) > 0;
  }

  /** Delivers an update to one tab. */
  deliver(address: TabAddress, update: CallUpdate): void {
    this.#options.signals.deliver(SIGNALS.signals, [address], update);
  }

  /** Unsubscribes. */
  close(): void {
    for (const stop of this.#stops) stop();
  }

  async #open({ userId, key, tabId, isPolling = false }: CallListener): Promise<SignalView> {
    if (tabId === undefined) throw new TypeError("Cannot listen to calls without a tab");
    const { summaries, signals, onOpened } = this.#options;
    const address: TabAddress = { userId, key, tabId };
    await summaries.hold(userId);
    const topic = topicOf(SIGNALS.signals, address);
    const tab = this.#byUser.getOrInsertComputed(userId, () => new Map())
      .getOrInsertComputed(topic, () => ({ address, listenerCount: 0, streamCount: 0 }));
    tab.listenerCount++;
    if (!isPolling) tab.streamCount++;
    onOpened(address);
    return {
      topic,
      start: () => {
        const { offset } = signals;
        return { items: [signalItem(SIGNALS.signals, this.#snapshot(userId), offset)], offset };
      },
      close: () => {
        tab.listenerCount--;
        if (!isPolling) tab.streamCount--;
        if (tab.listenerCount === 0) this.#forget(userId, topic);
        summaries.release(userId);
      },
    };
  }

  #snapshot(userId: UserId): CallUpdate {
    const { board, remainingOf, now } = this.#options;
    const calls = [...board.calls()].filter(([roomId]) => this.#isMember(roomId, userId));
    return {
      type: "snapshot",
      asOf: new Date(now()).toISOString(),
      calls: calls.map(([roomId, call]) => toCall(roomId, call, board.find(roomId)?.row.revision ?? 0)),
      rings: calls.flatMap(([roomId, call]) =>
        call.rings.filter((ring) => ring.userId === userId).map((ring) =>
          toRing(roomId, call, ring, remainingOf)
        )
      ),
    };
  }

  #hear(notice: Notice): void {
    if (!isRoomNotice(notice)) return;
    const { streamId: roomId, events } = notice;
    const row = this.#options.board.find(roomId)?.row;
    if (!row?.call) return;
    const { callId } = row.call;
    for (const event of events) {
      if (event.type === "member_joined") {
        this.#joined.getOrInsertComputed(roomId, () => new Set()).add(event.userId);
        const update = { type: "call_changed", call: toCall(roomId, row.call, row.revision) } as const;
        this.#tell(roomId, { address: { to: "person", userId: event.userId }, update: () => update });
      } else if (event.type === "member_left") {
        this.#joined.get(roomId)?.delete(event.userId);
        const update = { type: "call_ended", callId, roomId, missed: false, reason: "left_room" } as const;
        this.#tell(roomId, { address: { to: "person", userId: event.userId }, update: () => update });
      }
    }
  }

  #tell(roomId: RoomId, { address, update }: News): void {
    const { signals } = this.#options;
    const byUpdate = new Map<CallUpdate, TabAddress[]>();
    for (const tab of this.#listenersOf(roomId, address)) {
      byUpdate.getOrInsertComputed(update(tab), () => []).push(tab);
    }
    for (const [value, tabs] of byUpdate) signals.deliver(SIGNALS.signals, tabs, value);
  }

  #listenersOf(roomId: RoomId, address: NewsAddress): TabAddress[] {
    switch (address.to) {
      case "person":
        return this.#tabsOf(address.userId);
      case "device":
        return this.#tabsOf(address.address.userId).filter(({ key }) => key === address.address.key);
      case "tab":
        return this.find(address.address) === null ? [] : [address.address];
      case "room": {
        const members = this.#options.summaries.room(roomId)?.members.keys() ?? [];
        const userIds = new Set([...members, ...this.#joined.get(roomId) ?? []]);
        return [...userIds].flatMap((userId) => this.#tabsOf(userId));
      }
    }
  }

  #isMember(roomId: RoomId, userId: UserId): boolean {
    return this.#options.summaries.room(roomId)?.members.has(userId) === true ||
      this.#joined.get(roomId)?.has(userId) === true;
  }

  #tabsOf(userId: UserId): TabAddress[] {
    return [...this.#byUser.get(userId)?.values() ?? []].map(({ address }) => address);
  }

  #forget(userId: UserId, topic: string): void {
    const tabs = this.#byUser.get(userId);
    tabs?.delete(topic);
    if (tabs?.size === 0) this.#byUser.delete(userId);
  }
}
