import { AppError } from "../../shared/errors.ts";
import { isMessageEvent } from "../../shared/event.ts";
import type { RoomEventBody } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message, Reaction } from "../../shared/message.ts";
import { withReaction } from "../../shared/reactions.ts";
import { notFound } from "../auth/authorize.ts";
import type { ActorRights } from "../auth/authorize.ts";
import type { Judge, RightsStore } from "../auth/rights_store.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { memberTarget } from "../rooms/membership_store.ts";
import type { RoomStore } from "../rooms/room_store.ts";
import type { RoomBuilt, RoomEventLog } from "../rooms/room_stream.ts";
import type { Slot } from "../streams/event_log.ts";
import type { MessageReaderStore } from "./message_reader_store.ts";
import { MentionStore } from "./mention_store.ts";
import { tombstoneOf, toMessage } from "./message_rows.ts";
import type { MessageRow } from "./message_rows.ts";
import { bodyOfChange, keepReactions, refuseTooMany } from "./reactions.ts";
import type { MessageChange } from "./reactions.ts";

/** Errors that a retry gets even if its first attempt was stored. */
const RIGHTS_CODES: ReadonlySet<string> = new Set(["not_found", "not_allowed", "unauthenticated"]);

export interface MessageStoreOptions {
  readonly db: Database;
  readonly roomLog: RoomEventLog;
  readonly rooms: RoomStore;
  readonly reader: MessageReaderStore;
  readonly rights: RightsStore;
}

/** A message to send. Its text is already normalized and checked. */
export interface NewMessage {
  readonly roomId: RoomId;
  readonly clientMessageId: string;
  readonly text: string;
  readonly replyTo: number | null;
}

/** A message by its room and offset. */
export interface MessageRef {
  readonly roomId: RoomId;
  readonly offset: number;
}

/** A reaction to add to a message or to remove from it. */
export interface ReactionChoice extends MessageRef {
  readonly emoji: string;
  readonly on: boolean;
}

/**
 * Messages and their changes. Every change is one event, in one commit with the row that has the new state.
 *
 * Guarantees: a `clientMessageId` stands for one message of a user in a room, and a retry returns that message in its
 * current state. Rights are judged when the commit is put together, and the commit checks them: users send nothing
 * after they have been removed or have lost their role or account.
 */
export class MessageStore {
  readonly #options: MessageStoreOptions;
  readonly #mentions: MentionStore;

  constructor(options: MessageStoreOptions) {
    this.#options = options;
    this.#mentions = new MentionStore(options.db, options.rooms.members);
  }

  /** Sends a message once. Checks come in this order: rights, the id, the state of the room. */
  async send(actor: ActorRights, message: NewMessage): Promise<Message> {
    const { roomLog, rights, rooms: { readStates } } = this.#options;
    const { roomId, clientMessageId, text } = message;
    const { userId } = actor;
    // Not awaited here, so that the messages of a user are queued in order; senders who wait together share the reads.
    const prepared = Promise.all([
      this.#mentions.resolve(roomId, text),
      rights.prepare(userId),
      readStates.peek(userId, roomId) ?? readStates.load(userId, roomId),
    ]);
    prepared.catch(() => {});
    const judge = rights.judge(userId);
    const dedupeKey = keys.dedupe(roomId, userId, clientMessageId);
    try {
      const appended = await roomLog.append(roomId, {
        by: userId,
        dedupeKey,
        // Never in one commit with the sender's other messages or removal, on which read state and rights depend.
        targets: [memberTarget(userId)],
        prepared,
        build: (slot) => this.#buildSend(judge, message, { by: userId, slot, prepared }),
      });
      if (appended.isDuplicate) return await this.#existing(roomId, appended.offset);
      return messageOf(appended.event);
    } catch (error) {
      // A retry gets its first result whatever the state of the room or of the message it replies to is now.
      if (!(error instanceof AppError) || RIGHTS_CODES.has(error.appCode)) throw error;
      const { value } = await this.#options.db.get<{ offset: number }>(dedupeKey);
      if (value === null) throw error;
      return await this.#existing(roomId, value.offset);
    }
  }

  /** Changes the text of a message of the actor. */
  edit(actor: ActorRights, ref: MessageRef, text: string): Promise<Message> {
    return this.#change(actor, ref, async (rights, { row, slot }) => {
      const access = await this.#options.rooms.access.requireMessage(rights, "message.edit", {
        roomId: ref.roomId,
        by: row.by,
      });
      if (row.deletedAt !== null) throw notFound();
      if (access.row.archivedAt !== null) throw archived();
      if (row.text === text) return null;
      const mentions = await this.#mentions.resolve(ref.roomId, text);
      return { what: { type: "message_edited" }, row: { ...row, text, mentions, editedAt: slot.at } };
    });
  }

  /** Leaves a tombstone, or returns the existing one. Also allowed in archived rooms. */
  delete(actor: ActorRights, ref: MessageRef): Promise<Message> {
    return this.#change(actor, ref, async (rights, { row, slot }) => {
      await this.#options.rooms.access.requireMessage(rights, "message.delete", {
        roomId: ref.roomId,
        by: row.by,
      });
      if (row.deletedAt !== null) return null;
      return { what: { type: "message_deleted" }, row: tombstoneOf(row, slot.at), reactions: [] };
    });
  }

  /** Adds or removes a reaction of the actor. The emoji is already checked. */
  react(actor: ActorRights, change: ReactionChoice): Promise<Message> {
    return this.#change(actor, change, async (rights, { row, present }) => {
      const access = await this.#options.rooms.access.require(rights, "message.react", change.roomId);
      if (row.deletedAt !== null) throw notFound();
      if (access.row.archivedAt !== null) throw archived();
      const reaction = { emoji: change.emoji, userId: actor.userId, on: change.on };
      const reactions = withReaction(present.reactions, reaction);
      if (reactions === present.reactions) return null;
      if (change.on) refuseTooMany(reactions);
      return { what: { type: "reaction_changed", reaction }, row, reactions };
    });
  }

  async #buildSend(
    judge: Judge,
    message: NewMessage,
    { by: userId, slot, prepared }: {
      readonly by: UserId;
      readonly slot: Slot;
      readonly prepared: Promise<readonly [mentions: UserId[], ...unknown[]]>;
    },
  ): Promise<RoomBuilt> {
    const { rooms, reader } = this.#options;
    const { roomId, clientMessageId, text, replyTo } = message;
    const [mentions] = await prepared;
    if (!slot.isCaughtUp) rooms.access.forget(userId, roomId);
    const { value: { row: room }, checks } = await judge((rights) =>
      rooms.access.require(rights, "room.send", roomId)
    );
    if (room.archivedAt !== null) throw archived();
    if (replyTo !== null && await reader.row(roomId, replyTo) === null) {
      throw invalidInput("replyTo", "Must be the offset of a message of this room");
    }
    const row: MessageRow = {
      by: userId,
      at: slot.at,
      text,
      clientMessageId,
      ordinal: slot.ordinal,
      editedAt: null,
      deletedAt: null,
      replyTo,
      mentions,
      reactions: [],
    };
    return {
      body: {
        type: "message_sent",
        messageOffset: slot.offset,
        message: toMessage(roomId, { offset: slot.offset, row }, []),
      },
      sets: [
        [keys.message(roomId, slot.offset), row],
        ...this.#mentions.keysOf(roomId, slot.offset, row).map((key) => [key, 1] as const),
        ...await rooms.readStates.planOwnMessage(userId, roomId, slot),
      ],
      checks,
      countsAsMessage: true,
    };
  }

  /** Reads, changes and writes one message; changes of one message never share a commit. */
  async #change(
    actor: ActorRights,
    { roomId, offset }: MessageRef,
    change: (rights: ActorRights, before: Before) => Promise<Change | null>,
  ): Promise<Message> {
    const { roomLog, reader, rights, rooms } = this.#options;
    const judge = rights.judge(actor.userId);
    // The event may leave out parts of the message; the caller gets all of it.
    let result = null as Message | null;
    await roomLog.append(roomId, {
      by: actor.userId,
      // The membership too, so that no change follows the actor's removal in the same commit.
      targets: [`message:${offset}`, memberTarget(actor.userId)],
      build: async (slot) => {
        const row = await reader.row(roomId, offset);
        if (row === null) throw notFound();
        const present = await reader.complete(roomId, { offset, row });
        result = present;
        if (!slot.isCaughtUp) rooms.access.forget(actor.userId, roomId);
        const { value: changed, checks } = await judge((rights) => change(rights, { row, slot, present }));
        if (changed === null) return null;
        const next = changed.reactions ?? present.reactions;
        result = toMessage(roomId, { offset, row: changed.row }, next);
        return { ...this.#buildChange({ present, before: row, result }, changed), checks };
      },
    });
    if (result === null) throw notFound();
    return result;
  }

  #buildChange(
    { present, before, result }: {
      readonly present: Message;
      readonly before: MessageRow;
      readonly result: Message;
    },
    { what, row }: Change,
  ): RoomBuilt {
    const { roomId, offset } = present;
    const kept = keepReactions(present.reactions, result.reactions);
    const isSame = row.mentions === before.mentions;
    const stale = isSame ? [] : this.#mentions.keysOf(roomId, offset, before);
    const mentions = isSame ? [] : this.#mentions.keysOf(roomId, offset, row);
    return {
      body: bodyOfChange(what, result),
      sets: [
        [keys.message(roomId, offset), { ...row, reactions: kept.inline } satisfies MessageRow],
        ...mentions.map((key) => [key, 1] as const),
        ...kept.elsewhere.map(({ emoji, userIds }) =>
          [keys.reaction(roomId, offset, emoji), userIds] as const
        ),
      ],
      // Rows that are set again must not be deleted.
      deletes: [
        ...stale.filter((key) => !mentions.some((other) => other[1] === key[1])),
        ...kept.gone.map((emoji) => keys.reaction(roomId, offset, emoji)),
      ],
    };
  }

  async #existing(roomId: RoomId, offset: number): Promise<Message> {
    const message = await this.#options.reader.get(roomId, offset);
    if (message === null) throw notFound();
    return message;
  }
}

/** The message before a change. */
interface Before {
  readonly row: MessageRow;
  readonly slot: Slot;
  readonly present: Message;
}

/** A change of a message: the event, the new row, and all reactions if they change. */
interface Change {
  readonly what: MessageChange;
  readonly row: MessageRow;
  readonly reactions?: Reaction[];
}

function messageOf(event: RoomEventBody): Message {
  if (!isMessageEvent(event)) throw new Error(`Expected an event of a message, got ${event.type}`);
  return event.message;
}

function archived(): AppError {
  return new AppError("room_archived", "The room is archived");
}
