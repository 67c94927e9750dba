import type { TRPCClient } from "@trpc/client";
import type { TrackedEnvelope } from "@trpc/server";
import * as v from "valibot";
import type { UserId } from "../../shared/ids.ts";
import { parsePosition } from "../../shared/position.ts";
import { notFound } from "../../server/auth/authorize.ts";
import type { Database } from "../../server/kv/database.ts";
import type { AppRouter } from "../../server/router.ts";
import { appRouter } from "../../server/router.ts";
import type { Services } from "../../server/services.ts";
import type { AppendRequest, EventLog } from "../../server/streams/event_log.ts";
import { followStream } from "../../server/streams/follow_stream.ts";
import type { StreamKind } from "../../server/streams/stream_kind.ts";
import { router, userProcedure } from "../../server/rpc/trpc.ts";

/** What can happen on a notice board: a text is posted, or somebody loses access. */
export type NoticeBody =
  | { readonly type: "put_up"; readonly text: string }
  | { readonly type: "barred"; readonly userId: UserId };

/** What the log stores: no text and no author. */
export type NoticeRow =
  | { readonly type: "put_up"; readonly at: string }
  | { readonly type: "barred"; readonly at: string; readonly userId: UserId };

/** What readers receive. */
export type NoticeEvent = NoticeBody & { readonly offset: number; readonly at: string };

/** The types of a second kind of stream that has nothing in common with rooms. */
export interface NoticeTypes {
  readonly id: string;
  readonly body: NoticeBody;
  readonly row: NoticeRow;
  readonly event: NoticeEvent;
}

/** Not in the log: the state of the board at an offset. */
export interface BoardState {
  readonly type: "snapshot";
  readonly count: number;
}

/** The board that tests use. */
export const BOARD = "quay";

const textKey = (id: string, offset: number): Deno.KvKey => ["noticeText", id, offset];

/** The keys of the board's rows. */
export const noticeKeys = {
  head: (id: string): Deno.KvKey => ["noticeHead", id],
  rows: (id: string): Deno.KvKey => ["noticeRow", id],
  row: (id: string, offset: number): Deno.KvKey => ["noticeRow", id, offset],
};

/** Creates the second kind of stream. */
export function noticeStream(db: Database): StreamKind<NoticeTypes> {
  return {
    name: "notice",
    keys: noticeKeys,
    topicOf: (id) => `notice:${id}`,
    toRow: (body, { at }) => body.type === "put_up" ? { type: "put_up", at } : { ...body, at },
    toEvent: (body, { offset, at }) => ({ offset, at, ...body }),
    materialize: async (id, rows) => {
      const texts = await db.getMany<string>(rows.map(({ offset }) => textKey(id, offset)));
      return rows.map(({ offset, row }, index): NoticeEvent =>
        row.type === "put_up" ? { offset, ...row, text: texts[index]?.value ?? "" } : { offset, ...row }
      );
    },
    lossBy: (_id, event) => event.type === "barred" ? { userId: event.userId, error: notFound() } : null,
  };
}

/** An append request that posts a text. */
export function putUp(by: UserId, text: string): AppendRequest<NoticeTypes> {
  return {
    by,
    build: ({ offset }) => ({ body: { type: "put_up", text }, sets: [[textKey(BOARD, offset), text]] }),
  };
}

/** An append request that ends a person's access. */
export function bar(by: UserId, userId: UserId): AppendRequest<NoticeTypes> {
  return { by, build: () => ({ body: { type: "barred", userId } }) };
}

const boards = new WeakMap<Services, EventLog<NoticeTypes>>();

/** Opens the second kind on a running server. */
export function openBoard(services: Services): EventLog<NoticeTypes> {
  const log = services.eventLogs.open(noticeStream(services.db));
  boards.set(services, log);
  return log;
}

/** The subscription, as a feature would write it. */
const noticeRouter = router({
  onNotice: userProcedure.input(v.strictObject({ lastEventId: v.optional(v.string()) })).subscription(
    async function* ({ ctx, input, signal = new AbortController().signal }): AsyncGenerator<
      TrackedEnvelope<NoticeEvent | BoardState>
    > {
      const { actor, connection, services } = ctx;
      const log = boards.get(services);
      if (log === undefined) throw new Error("Expected the board to be open");
      const kind = noticeStream(services.db);
      const subscription = services.hub.open<TrackedEnvelope<NoticeEvent | BoardState>>({
        topic: kind.topicOf(BOARD),
        userId: actor.userId,
        connection,
        signal,
      });
      try {
        yield* followStream<NoticeTypes, BoardState>({
          log,
          id: BOARD,
          after: parsePosition(input.lastEventId ?? ""),
          subscription,
          connection,
          signal,
          read: async (after) => {
            const { rows } = await log.read(BOARD, after, 100);
            return { events: await kind.materialize(BOARD, rows), isEnd: rows.length < 100 };
          },
          begin: (_type, offset) => ({ type: "snapshot", count: offset }),
        });
      } finally {
        subscription.release();
      }
    },
  ),
});

const withNotices = router({ ...appRouter._def.record, notices: noticeRouter });

/** A stock client that also knows the board's procedures. */
export type NoticeClient = TRPCClient<typeof withNotices>;

/** Router for a server under test: all procedures, and the board's. */
export const NOTICE_ROUTER = withNotices as unknown as AppRouter;

/** What a reader of the board has received, and its position. */
export class BoardReader {
  readonly items: (NoticeEvent | BoardState)[] = [];
  readonly errors: unknown[] = [];
  readonly stop: () => void;
  position = "";

  constructor(client: NoticeClient, lastEventId?: string) {
    const subscription = client.notices.onNotice.subscribe(
      lastEventId === undefined ? {} : { lastEventId },
      {
        onData: ({ id, data }) => {
          this.position = id;
          this.items.push(data);
        },
        onError: (error) => void this.errors.push(error),
      },
    );
    this.stop = () => subscription.unsubscribe();
  }

  /** Posted texts in order of arrival. */
  get texts(): string[] {
    return this.items.flatMap((item) => item.type === "put_up" ? [item.text] : []);
  }
}
