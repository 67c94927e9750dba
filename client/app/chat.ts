import { computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { CallUpdate } from "../../shared/call/call_types.ts";
import type { RoomId, TabId } from "../../shared/ids.ts";
import type { SignalKind } from "../../shared/signals.ts";
import type { Me } from "../../shared/user.ts";
import { composerFactory } from "../composer/conversation_composer.ts";
import type { CreateComposer } from "../composer/conversation_composer.ts";
import { DraftsModel } from "../composer/drafts_model.ts";
import { openOutboxStorage } from "../outbox/idb_outbox_storage.ts";
import { createMessages } from "../timeline/messages_model.ts";
import type { Messages } from "../timeline/messages_model.ts";
import { browserTabs } from "../outbox/outbox_tabs.ts";
import type { Api } from "../net/api.ts";
import type { Trpc } from "../net/trpc.ts";
import { IdleModel } from "../presence/idle.ts";
import { PresenceModel } from "../presence/presence_model.ts";
import { MembersModel } from "../rooms/members_model.ts";
import { RoomsModel } from "../rooms/rooms_model.ts";
import { RoomPreviewModel } from "../rooms/room_preview_model.ts";
import { TypingModel } from "../typing/typing_model.ts";
import { AnnouncerModel } from "../ui/announcer_model.ts";
import { EmojiCatalog } from "../ui/emoji/emoji.ts";
import { UsersModel } from "../users/users_model.ts";
import type { PageStorage } from "./page_storage.ts";
import type { PreferencesModel } from "./preferences_model.ts";

/** What calls add to a chat, once their part is loaded. */
export interface CallsTab {
  readonly tabId: TabId;
  readonly onUpdate: (update: CallUpdate) => void;
}

type MeChange = Partial<Pick<Me, "name" | "workspaceName">>;

/** The models of a signed-in user; created at sign-in, disposed at sign-out. */
export interface Chat extends Disposable {
  readonly users: UsersModel;
  readonly rooms: RoomsModel;
  readonly members: MembersModel;
  readonly preview: RoomPreviewModel;
  readonly messages: Messages;
  readonly drafts: DraftsModel;
  readonly createComposer: CreateComposer;
  readonly emoji: EmojiCatalog;
  readonly typing: TypingModel;
  readonly presence: PresenceModel;
  /** Whether the user looks at this tab. */
  readonly isAttentive: ReadonlySignal<boolean>;
  /** Whether the user is away from this device. */
  readonly isIdle: ReadonlySignal<boolean>;
  /** Set by the part for calls: whether this tab takes part in one. */
  readonly isInCall: Signal<boolean>;
  /** Null until the part for calls is loaded. */
  readonly calls: Signal<CallsTab | null>;
  readonly connection: Api["connection"];
  /** For dialogs, whose models are created when the first one opens. */
  readonly trpc: Trpc;
  /** The storage of this device, for dialogs. */
  readonly storage: PageStorage;
  /** The user has changed their account or the workspace. */
  readonly updateMe: (change: MeChange) => void;
  /** Shows a sentence as a toast. */
  readonly onNotice: (text: string) => void;
  readonly announcer: AnnouncerModel;
  /** Aborted when the user signs out, for what is loaded late. */
  readonly end: AbortSignal;
}

/** Options of `createChat`. */
export interface ChatOptions {
  readonly api: Api;
  readonly me: Me;
  readonly storage: PageStorage;
  readonly preferences: PreferencesModel;
  readonly isAttentive: ReadonlySignal<boolean>;
  /** A sentence for a toast. */
  readonly onNotice: (text: string) => void;
  /** The user has left a room, was removed from it, or cannot see it any more. */
  readonly onRoomLost: (roomId: RoomId) => void;
  readonly onMeChanged: (change: MeChange) => void;
  /** The user's role may have changed. */
  readonly onRoleChanged: () => void;
}

const NONE: readonly SignalKind[] = [];
const ASKED: readonly SignalKind[] = ["typing", "presence"];
const ASKED_WITH_CALLS: readonly SignalKind[] = [...ASKED, "signals"];

/** Creates and connects the models of a user. */
export async function createChat(options: ChatOptions): Promise<Chat> {
  const { api, me, storage, preferences, isAttentive, onNotice, onRoomLost, onMeChanged, onRoleChanged } =
    options;
  const { trpc, connection } = api;
  const outbox = await openOutboxStorage();
  const hasSocket = computed(() => connection.transport.value === "websocket");
  const calls = signal<CallsTab | null>(null);
  const hasCalls = computed(() => calls.value !== null);

  const users = new UsersModel(trpc.users, me);
  const isInCall = signal(false);
  const idle = new IdleModel({ input: globalThis.window, page: document, isInCall });
  const presence = new PresenceModel({
    api: trpc.presence,
    me: me.id,
    isIdle: idle.isIdle,
    isConnected: connection.isOpen,
    hasSocket,
    onRoleChanged,
    onDeactivated: (userId) => {
      users.deactivated(userId);
      members.deactivated(userId);
    },
  });
  const typing = new TypingModel({
    api: trpc.typing,
    me: me.id,
    isConnected: connection.isOpen,
    subscribes: hasSocket,
  });
  const members = new MembersModel(trpc.rooms);
  const rooms = new RoomsModel({
    api: trpc.rooms,
    me: me.id,
    nameOf: (userId) => users.nameOf(userId),
    // Without WebSocket, the browser has few connections: signals arrive with the rooms.
    also: computed(() => hasSocket.value ? NONE : hasCalls.value ? ASKED_WITH_CALLS : ASKED),
    tabId: () => calls.peek()?.tabId ?? null,
    onHeads: (heads) => messages.applyHeads(heads),
    signals: {
      typing: (update, roomId) => typing.apply(roomId, update),
      presence: (update) => presence.apply(update),
      signals: (update) => calls.peek()?.onUpdate(update),
    },
    onNotice,
    onRemoved: (roomId) => {
      messages.forget(roomId);
      onRoomLost(roomId);
    },
  });
  const messages = createMessages({
    api: trpc.messages,
    me: me.id,
    connection,
    storage: outbox,
    tabs: browserTabs(me.id),
    isAttentive,
    readState: (roomId) => rooms.find(roomId),
    markRead: (roomId, offset, isUnread) => rooms.markRead(roomId, offset, isUnread),
    onNotice,
    onMembersChanged: (roomId) => members.changed(roomId),
    onRoomLost: (roomId) => onRoomLost(roomId),
  });
  const drafts = new DraftsModel({ userId: me.id, storage });
  const stopDrafts = drafts.listen(globalThis.window);
  const emoji = new EmojiCatalog({ storage });
  const createComposer = composerFactory({
    drafts,
    enterSends: preferences.enterSends,
    rooms: () => rooms.named.value,
    emoji,
  });
  const announcer = new AnnouncerModel();
  const end = new AbortController();
  rooms.start();
  typing.start();
  idle.start();
  presence.start();
  // The page may have requested them already; if not, this fails, and they are read when the connection opens.
  void users.load().catch(() => {});
  return {
    users,
    rooms,
    members,
    preview: new RoomPreviewModel(trpc.rooms),
    messages,
    drafts,
    createComposer,
    emoji,
    typing,
    presence,
    isAttentive,
    isIdle: idle.isIdle,
    isInCall,
    calls,
    connection,
    trpc,
    storage,
    updateMe: onMeChanged,
    onNotice,
    announcer,
    end: end.signal,
    [Symbol.dispose]: () => {
      end.abort();
      drafts.flush();
      stopDrafts();
      presence[Symbol.dispose]();
      idle[Symbol.dispose]();
      typing[Symbol.dispose]();
      messages[Symbol.dispose]();
      outbox.close();
      rooms[Symbol.dispose]();
      members[Symbol.dispose]();
      users[Symbol.dispose]();
      announcer[Symbol.dispose]();
    },
  };
}
