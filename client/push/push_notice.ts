import type { CallId, RoomId } from "../../shared/ids.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";
import type { Unread } from "../../shared/notify/unread.ts";

/** Messages that follow each other this closely make one sound. */
export const SOUND_REST_MS = 10_000;
/** A ring cannot arrive later. */
const RING_LATE_MAX_MS = 60_000;

const ICON = "/static/icons/app-192.png";
const CALL_ACTIONS = [{ action: "decline", title: "Decline" }, {
  action: "accept",
  title: "Accept",
}] as const;
const ROOM_PAGE = /^\/r\/([A-Za-z0-9_-]+)(?:\/(\d+))?$/;

/** What a notification remembers. */
export interface NoticeData {
  readonly kind: "message" | "call" | "missed" | "other";
  /** Path of the page that a click opens. */
  readonly url: string;
  /** When its message was sent, epoch milliseconds. */
  readonly sentAt?: number;
  /** When it was last heard, epoch milliseconds. */
  readonly heardAt?: number;
  readonly callId?: CallId;
  /** Missed calls that it stands for. */
  readonly missedCount?: number;
}

/** A notification as the worker shows it. */
export interface PushNotice {
  readonly title: string;
  readonly options: {
    readonly body: string;
    readonly tag: string;
    readonly icon: string;
    /** Is heard although it replaces one with the same tag. */
    readonly renotify: boolean;
    readonly silent: boolean;
    readonly requireInteraction?: boolean;
    readonly actions?: typeof CALL_ACTIONS;
    readonly data: NoticeData;
  };
  /** Tags of others that it makes superfluous. */
  readonly close: readonly string[];
  /** For the badge of the app; null if it is not known. */
  readonly unread: Unread | null;
}

/** What is shown already, and who sees it. */
export interface NoticeFacts {
  readonly shown: readonly {
    readonly title: string;
    readonly body: string;
    readonly tag: string;
    readonly data: NoticeData | null;
  }[];
  /** Whether a page of the app is visible: it plays the sounds. */
  readonly isSeen: boolean;
  readonly nowMs: number;
}

/** Returns the room and the message of a page; null if it shows no room, or no certain message. */
export function placeOf(url: string): { readonly roomId: RoomId; readonly offset: number | null } | null {
  const match = ROOM_PAGE.exec(url);
  if (match?.[1] === undefined) return null;
  return { roomId: match[1] as RoomId, offset: match[2] === undefined ? null : Number(match[2]) };
}

/** Decides what a push shows. It always shows something, or Safari would withdraw the permission. */
export function noticeOf(payload: PushPayload | null, facts: NoticeFacts): PushNotice {
  switch (payload?.kind) {
    case "message":
      return messageNotice(payload, facts);
    case "call":
      return isTooLate(payload, facts.nowMs)
        ? missedNotice({ ...payload, body: payload.missed, unread: null }, facts)
        : ringNotice(payload, facts);
    case "callEnded":
      return payload.isMissed ? missedNotice(payload, facts) : answeredNotice(payload);
    case "test":
      return notice({ ...payload, isLoud: true, data: { kind: "other", url: payload.url } });
    default: {
      const data = { kind: "other", url: "/" } as const;
      return notice({
        title: "New activity in Parley",
        body: "",
        tag: "activity",
        isLoud: !facts.isSeen,
        data,
      });
    }
  }
}

type Payload<Kind extends PushPayload["kind"]> = Extract<PushPayload, { kind: Kind }>;

function messageNotice(payload: Payload<"message">, { shown, isSeen, nowMs }: NoticeFacts): PushNotice {
  const { tag, url, sentAt, close, unread } = payload;
  const before = shown.find((one) => one.tag === tag);
  const heardAt = before?.data?.heardAt ?? -Infinity;
  // Pushes may arrive in another order than they were sent, and of a message that an open page has told of.
  if (before?.data?.sentAt !== undefined && before.data.sentAt >= sentAt) {
    const { title, body, data } = before;
    return notice({ title, body, tag, isLoud: false, data, close, unread });
  }
  const isLoud = !payload.isSilent && !isSeen && nowMs - heardAt >= SOUND_REST_MS;
  const data = { kind: "message", url, sentAt, heardAt: isLoud ? nowMs : Math.max(heardAt, 0) } as const;
  return notice({ ...payload, isLoud, data });
}

function ringNotice(payload: Payload<"call">, { isSeen }: NoticeFacts): PushNotice {
  const { url, callId } = payload;
  const ring = notice({ ...payload, isLoud: !isSeen, data: { kind: "call", url, callId } });
  return { ...ring, options: { ...ring.options, requireInteraction: true, actions: CALL_ACTIONS } };
}

/** Missed calls of a room fold into one notification. */
function missedNotice(
  call: Pick<Payload<"callEnded">, "title" | "body" | "tag" | "url" | "close"> & {
    readonly unread: Unread | null;
  },
  { shown, isSeen }: NoticeFacts,
): PushNotice {
  const roomId = placeOf(call.url)?.roomId;
  const missed = shown.filter(({ data }) =>
    data?.kind === "missed" && placeOf(data.url)?.roomId === roomId && roomId !== undefined
  );
  const same = missed.find(({ tag }) => tag === call.tag);
  const earlier = missed.filter(({ tag }) => tag !== call.tag);
  const missedCount = (same?.data?.missedCount ?? 1) +
    earlier.reduce((sum, { data }) => sum + (data?.missedCount ?? 1), 0);
  // Where it has rung before, it was heard.
  const isLoud = !isSeen && !shown.some(({ tag }) => tag === call.tag);
  return notice({
    ...call,
    body: missedCount === 1 ? call.body : `${missedCount} missed calls`,
    isLoud,
    data: { kind: "missed", url: call.url, missedCount },
    close: [...call.close, ...earlier.map(({ tag }) => tag)],
  });
}

function answeredNotice(payload: Payload<"callEnded">): PushNotice {
  return notice({ ...payload, isLoud: false, data: { kind: "other", url: payload.url } });
}

/** Push services drop a ring after 45 s; if it seems to be much later, the clock of the device is wrong. */
function isTooLate({ sentAt, until }: Payload<"call">, nowMs: number): boolean {
  return nowMs > until && nowMs - sentAt <= RING_LATE_MAX_MS;
}

function notice(
  { title, body, tag, data, isLoud, close = [], unread = null }: {
    readonly title: string;
    readonly body: string;
    readonly tag: string;
    readonly data: NoticeData;
    readonly isLoud: boolean;
    readonly close?: readonly string[];
    readonly unread?: Unread | null;
  },
): PushNotice {
  const options = { body, tag, icon: ICON, renotify: isLoud, silent: !isLoud, data };
  return { title, options, close: close.filter((one) => one !== tag), unread };
}
