import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { PersonSettings } from "../../shared/notify/notification_settings.ts";
import { whoIsTold } from "../../shared/notify/who_is_told.ts";
import type { Telling, TellingFacts } from "../../shared/notify/who_is_told.ts";
import { ReadCache } from "../kv/read_cache.ts";
import { ownLevelOf, readPosition } from "../rooms/room_records.ts";
import type { RoomRow } from "../rooms/room_records.ts";
import type { RoomStore } from "../rooms/room_store.ts";
import type { PushSubscriptionStore } from "./push_subscription_store.ts";

const ROOMS_CACHED_COUNT = 1_000;
const PEOPLE_AT_ONCE_COUNT = 16;
/** Stands for all devices that get pushes. */
const PUSH = "push";

export interface ToldPeopleOptions {
  readonly rooms: RoomStore;
  readonly subscriptions: PushSubscriptionStore;
  readonly settingsOf: (userId: UserId) => Promise<PersonSettings>;
  readonly messageAt: (roomId: RoomId, offset: number) => Promise<Message | null>;
  readonly doNotDisturb: (userId: UserId) => Promise<boolean>;
  /** Whether the person uses a device right now. */
  readonly isActive: (userId: UserId) => boolean;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** A message to decide about. */
export interface ToldMessage extends Pick<Message, "roomId" | "at" | "replyTo"> {
  readonly facts: TellingFacts["message"];
  readonly row: RoomRow;
}

/** Somebody who gets a push, at once or later. */
export interface Told {
  readonly userId: UserId;
  readonly telling: Telling & { readonly isTold: true };
}

/** Decides who gets a push. Work depends on members with a subscription only. */
export class ToldPeople {
  readonly #options: ToldPeopleOptions;
  readonly #people = new ReadCache<RoomId, ReadonlySet<UserId>>({ maxCount: ROOMS_CACHED_COUNT });
  readonly #stop: () => void;

  /** Subscribes to new subscriptions. */
  constructor(options: ToldPeopleOptions) {
    this.#options = options;
    this.#stop = options.subscriptions.onPerson(() => this.#people.dropWhere(() => true));
  }

  /** Returns the members of a room who have a subscription. */
  async of(roomId: RoomId): Promise<ReadonlySet<UserId>> {
    const { rooms, subscriptions } = this.#options;
    const found = await this.#people.get(
      roomId,
      () => rooms.members.membersAmong(roomId, [...subscriptions.people]),
    );
    return found ?? new Set();
  }

  /** Call it when somebody has joined or left a room. */
  forget(roomId: RoomId): void {
    this.#people.drop(roomId);
  }

  /** Returns those who are told of a message. */
  async among(userIds: readonly UserId[], message: ToldMessage): Promise<Told[]> {
    const told: Told[] = [];
    for (let index = 0; index < userIds.length; index += PEOPLE_AT_ONCE_COUNT) {
      const some = userIds.slice(index, index + PEOPLE_AT_ONCE_COUNT);
      const tellings = await Promise.all(some.map((userId) => this.#decide(userId, message)));
      for (const [place, telling] of tellings.entries()) {
        const userId = some[place];
        if (telling?.isTold && userId !== undefined) told.push({ userId, telling });
      }
    }
    return told;
  }

  /** Unsubscribes. */
  close(): void {
    this.#stop();
  }

  async #decide(userId: UserId, { roomId, at, replyTo, facts, row }: ToldMessage): Promise<Telling | null> {
    const { rooms, settingsOf, messageAt, doNotDisturb, isActive, now } = this.#options;
    const [state, settings, isBusy, replied] = await Promise.all([
      rooms.readStates.load(userId, roomId),
      settingsOf(userId),
      doNotDisturb(userId),
      replyTo === null ? null : messageAt(roomId, replyTo),
    ]);
    if (state === null) return null;
    return whoIsTold({
      userId,
      message: facts,
      repliesTo: replied?.by ?? null,
      room: {
        kind: row.kind,
        level: ownLevelOf(state.row) ?? settings.level,
        mutedUntil: state.row.mutedUntil,
        readOffset: readPosition(state).readOffset,
      },
      settings,
      doNotDisturb: isBusy,
      devices: [
        { id: PUSH, isActive: false },
        ...isActive(userId) ? [{ id: "elsewhere", isActive: true }] : [],
      ],
      sentMs: Date.parse(at),
      nowMs: now(),
    });
  }
}

/** Whether the person gets a push at once. */
export function isToldNow({ telling }: Told): boolean {
  return telling.now.includes(PUSH);
}

/** Returns when it is decided again whether the person gets a push, in epoch milliseconds; null if it is not. */
export function toldLaterAt({ telling }: Told): number | null {
  return telling.later?.devices.includes(PUSH) ? telling.later.atMs : null;
}
