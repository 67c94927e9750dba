import "../base.ts";
import { effect, untracked } from "@preact/signals";
import type { Message } from "../../shared/message.ts";
import { excerptOf } from "../../shared/notify/excerpt.ts";
import { DEFAULT_SETTINGS } from "../../shared/notify/notification_settings.ts";
import { roomTag } from "../../shared/notify/push_payload.ts";
import type { PushPayload } from "../../shared/notify/push_payload.ts";
import { countUnread } from "../../shared/notify/unread.ts";
import { followTabs } from "../notify/browser_tabs.ts";
import { NoticeSound } from "../notify/notice_sound.ts";
import { Notifier } from "../notify/notifier.ts";
import { showPageNotice } from "../notify/page_notice.ts";
import type { ToldMessage } from "../notify/room_notices.ts";
import { UnreadBadge } from "../notify/unread_badge.ts";
import { tellByWorker } from "../push/tell_by_worker.ts";
import type { SignedIn } from "./app_context.ts";
import type { Chat } from "./chat.ts";
import { followPushes } from "./follow_pushes.ts";
import { followSettings } from "./follow_settings.ts";
import { pushOf } from "./push_models.ts";
import { settingsOf } from "./settings_models.ts";

export { followNews } from "./call_announcer.ts";
export { followRings } from "./ring_notice.ts";

/** How many messages are read at once to see whether they concern the user. */
const LOOKED_AT_COUNT = 50;

/** Tells the user of messages while the page is open, until the returned function is called. */
export function startNotifying(context: SignedIn): () => void {
  const { app, chat, me } = context;
  const { rooms, presence, trpc, isAttentive } = chat;
  const push = pushOf(context);
  const { person } = settingsOf(chat);
  const tabs = followTabs(isAttentive);
  const sound = new NoticeSound();
  const badge = new UnreadBadge();
  const list = async (input: Parameters<typeof trpc.messages.list.query>[0]): Promise<readonly Message[]> =>
    (await trpc.messages.list.query(input)).messages;
  const notifier = new Notifier({
    me: me.id,
    rooms: rooms.rooms,
    isReady: rooms.isReady,
    doNotDisturb: () => presence.own.peek().doNotDisturb,
    isAttentive: () => isAttentive.peek(),
    isUsedElsewhere: async () => {
      // This device counts as away; somebody is online on another.
      const isOnline = chat.isIdle.peek() && presence.own.peek().status === "online";
      return isOnline || await tabs.isOtherLookedAt();
    },
    isSeen: (roomId) => isAttentive.peek() && app.roomId.peek() === roomId,
    readSettings: async () => {
      await person.refresh();
      return person.all.peek() ?? DEFAULT_SETTINGS;
    },
    listBefore: (roomId, before) => list({ roomId, before, limit: LOOKED_AT_COUNT }),
    authorOf: async (roomId, offset) => {
      const found = await list({ roomId, around: offset, limit: 1 });
      return found.find((message) => message.offset === offset)?.by ?? null;
    },
    tell: (told) => {
      // The worker shows and sounds what a hidden page would.
      const isPushed = push.state.peek() === "on";
      const isHidden = document.visibilityState === "hidden";
      const showByWorker = (payload: PushPayload) => void tellByWorker(payload).catch(() => {});
      // While the user counts as active, the server waits to see whether the message is read.
      if (isPushed && isHidden && presence.own.peek().status === "online") {
        showByWorker(payloadOf(told, chat));
      }
      const takeBack = isPushed ? () => {} : showPageNotice({
        ...wordsOf(told, chat),
        roomId: told.room.id,
        onOpen: () => open(told),
        // The page plays its own sound.
        showByWorker: () => showByWorker({ ...payloadOf(told, chat), isSilent: true }),
      });
      const { roomId, offset } = told.message;
      if (told.settings.sound && !(isPushed && isHidden)) {
        void tabs.isFirst(`${roomId} ${offset}`).then((isFirst) => isFirst && sound.play());
      }
      return takeBack;
    },
    now: Date.now,
  });
  const open = ({ message: { roomId, offset } }: ToldMessage) => app.openRoom(roomId, offset);
  const stopBadge = effect(() => {
    const unread = countUnread(rooms.rooms.value.values(), Date.now());
    untracked(() => void badge.show(unread));
  });
  const stopPushes = followPushes(context);
  const stopSettings = followSettings(context);
  notifier.start();
  return () => {
    stopSettings();
    stopPushes();
    notifier[Symbol.dispose]();
    stopBadge();
    badge[Symbol.dispose]();
    tabs[Symbol.dispose]();
    sound[Symbol.dispose]();
  };
}

function wordsOf({ message, room, settings }: ToldMessage, { rooms, users }: Chat) {
  if (!settings.previews) return { title: "Parley", body: "New message" };
  const by = users.nameOf(message.by);
  const title = room.kind === "direct" ? by : `${by} in ${rooms.titleOf(room)}`;
  return { title, body: excerptOf(message.text) };
}

/** What the server would push of it. */
function payloadOf(told: ToldMessage, chat: Chat): Extract<PushPayload, { kind: "message" }> {
  const { roomId, offset, at } = told.message;
  return {
    kind: "message",
    tag: roomTag(roomId),
    ...wordsOf(told, chat),
    url: `/r/${roomId}/${offset}`,
    sentAt: Date.parse(at),
    isSilent: !told.settings.sound,
    unread: countUnread(chat.rooms.rooms.peek().values(), Date.now()),
    close: [],
  };
}
