import "../base.ts";
import { effect } from "@preact/signals";
import type { ConnectionModel } from "../net/connection_model.ts";
import { earlyStart, replaceEarlyStart } from "../net/early_start.ts";
import { forgetCopy } from "../offline/forget_copy.ts";
import { offlineAnswers } from "../offline/offline_answers.ts";
import { copyOf, isExpired } from "../offline/offline_copy.ts";
import type { OfflineCopy } from "../offline/offline_copy.ts";
import { openOfflineStore } from "../offline/offline_store.ts";
import type { Recalled, SessionModel } from "../session/session_model.ts";
import { CLOCK } from "../ui/clock.ts";
import type { ToastModel } from "../ui/toast_model.ts";

/** Options of `recall`. */
export interface RecallOptions {
  readonly connection: ConnectionModel;
  readonly session: Pick<SessionModel, "load">;
  readonly toasts: ToastModel;
}

const NOT_STORED = "The messages of this room are not on this device. They load when you are back online.";

/** Lets the client start with what this device has stored, as the server does not answer; null if that is nothing. */
export async function recall(options: RecallOptions): Promise<Recalled | null> {
  const { connection, session, toasts } = options;
  const { isDeviceOnline } = connection;
  const copy = await readCopy();
  if (copy === null) return null;
  const { me, at } = copy.workspace;
  const { takeSocket } = earlyStart();
  let isOver = false;
  replaceEarlyStart(offlineAnswers(copy, {
    takeSocket,
    isOver: () => isOver ||= connection.isOpen.peek(),
    onMissing: () => toasts.show(NOT_STORED),
  }));
  // What is shown may be old, so this is told sooner than later interruptions are.
  connection.begin("websocket", 0);
  connection.handleTryNow(() => void session.load());
  let wasOnline = isDeviceOnline.peek();
  effect(() => {
    const isOnline = isDeviceOnline.value;
    if (isOnline && !wasOnline && !isOver) void session.load();
    wasOnline = isOnline;
  });
  return { me, asOf: describeTime(at, Date.now()) };
}

async function readCopy(): Promise<OfflineCopy | null> {
  try {
    const store = await openOfflineStore();
    const copy = copyOf(await store.list());
    store.close();
    if (copy === null || !isExpired(copy.workspace, Date.now())) return copy;
    await forgetCopy();
  } catch {
    // This browser stores nothing.
  }
  return null;
}

/** The time of day, with the day if it is not today. */
function describeTime(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  const format = new Intl.DateTimeFormat(
    undefined,
    isToday ? CLOCK : { ...CLOCK, day: "numeric", month: "long" },
  );
  return format.format(at);
}
