import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import type { Me } from "../../shared/user.ts";
import type { Api } from "../net/api.ts";
import type { SessionModel } from "../session/session_model.ts";
import { readFailure } from "../ui/failure.ts";
import type { FailureTexts } from "../ui/failure.ts";
import type { ToastModel } from "../ui/toast_model.ts";
import type { CallPlace } from "./call_place.ts";
import type { Chat } from "./chat.ts";
import type { PreferencesModel } from "./preferences_model.ts";
import type { Panel } from "./router/route.ts";
import type { Router } from "./router/router.ts";

/** Options of `AppModel`; everything that opens something is created in main. */
export interface AppOptions {
  readonly api: Pick<Api, "connect" | "disconnect" | "connection">;
  readonly session: SessionModel;
  readonly router: Router;
  readonly preferences: PreferencesModel;
  readonly toasts: ToastModel;
  /** True on a phone: one pane at a time. */
  readonly isNarrow: ReadonlySignal<boolean>;
  /** True where panels open over the room instead of beside it. */
  readonly isPanelOver: ReadonlySignal<boolean>;
  /** Deletes what this device has stored for a start without network. */
  readonly forgetCopy: () => Promise<void>;
  /** Creates the models of a signed-in user. */
  readonly createChat: (me: Me) => Promise<Chat>;
}

const MEMBERS: Panel = { type: "members" };

/** Connects session, address and rooms. */
export class AppModel {
  readonly session: SessionModel;
  /** Pages and dialogs. Panels have `openPanel` and `closePanel` here, since some stay open in every room. */
  readonly router: Omit<Router, "panel" | "openPanel" | "closePanel">;
  readonly preferences: PreferencesModel;
  readonly toasts: ToastModel;
  readonly connection: Api["connection"];
  readonly isNarrow: ReadonlySignal<boolean>;
  readonly #options: AppOptions;
  readonly #chat = signal<Chat | null>(null);
  readonly #isWelcome = signal(false);
  readonly #stops: (() => void)[] = [];
  #turn = 0;
  /** Whose models `chat` has, or will have; otherwise why there are none. */
  #key: string | undefined;

  /** Set by the part for calls: where its call is shown. */
  readonly callPlace: Signal<CallPlace | null> = signal(null);
  /** Set by the part for calls: who is calling, for the title of the tab. */
  readonly callTitle: Signal<string | null> = signal(null);

  /** The models of the signed-in user; null before sign-in. */
  readonly chat: ReadonlySignal<Chat | null> = this.#chat;
  /** The open room's id, or null. */
  readonly roomId: ReadonlySignal<RoomId | null> = computed(() => {
    const place = this.router.place.value;
    return place.type === "room" ? place.roomId : null;
  });
  /** The panel beside the open room: the one of the history entry, or else the members if there is space. */
  readonly panel: ReadonlySignal<Panel | null> = computed(() => {
    const roomId = this.roomId.value;
    if (roomId === null) return null;
    const { router } = this.#options;
    const isDirect = this.#chat.value?.rooms.find(roomId)?.kind === "direct";
    const isMembers = !isDirect && !this.#opensPanels.value && this.preferences.isPanelOpen.value;
    return router.panel.value ?? (isMembers ? MEMBERS : null);
  });
  /** Whether members are shown only when they are opened: where there is no space, and beside a call. */
  readonly #opensPanels: ReadonlySignal<boolean> = computed(() =>
    this.#options.isPanelOver.value || this.callPlace.value?.roomId === this.roomId.value
  );
  /** True from setup until the first invitation dialog is closed. */
  readonly isWelcome: ReadonlySignal<boolean> = this.#isWelcome;
  /** The name of the workspace, if known. */
  readonly workspaceName: ReadonlySignal<string> = computed(() =>
    this.session.me.value?.workspaceName ?? this.preferences.workspaceName.value ?? "Parley"
  );

  constructor(options: AppOptions) {
    this.#options = options;
    this.session = options.session;
    this.router = options.router;
    this.preferences = options.preferences;
    this.toasts = options.toasts;
    this.connection = options.api.connection;
    this.isNarrow = options.isNarrow;
  }

  /** Asks who is signed in, and keeps session, route and rooms in sync from then on. */
  start(): void {
    const key = computed(() => {
      const state = this.session.state.value;
      return state.type === "signed_in" ? `${state.me.id} ${state.me.sessionId}` : state.type;
    });
    // The list changes with every message; only whether this room is in it matters.
    const isMember = computed(() => {
      const rooms = this.#chat.value?.rooms;
      const roomId = this.roomId.value;
      return rooms !== undefined && roomId !== null && rooms.isReady.value && rooms.find(roomId) !== null;
    });
    this.#stops.push(
      effect(() => {
        const [next, asOf] = [key.value, this.session.asOf.value];
        untracked(() => {
          if (next !== this.#key) {
            this.#key = next;
            void this.#signedInOrOut();
          } else if (asOf === null && this.#chat.peek() !== null) this.#options.api.connect();
        });
      }),
      effect(() => {
        // Lists show the user with the previous name or role.
        const [chat, me] = [this.#chat.value, this.session.me.value];
        if (me === null) return;
        untracked(() => {
          chat?.users.setMe(me);
          void chat?.members.reload();
        });
      }),
      effect(() => this.#openRoom(this.roomId.value, isMember.value)),
      effect(() => this.#chooseRoom()),
      effect(() => {
        const name = this.session.me.value?.workspaceName;
        if (name !== undefined && name !== this.preferences.workspaceName.peek()) {
          this.preferences.set({ workspaceName: name });
        }
      }),
      effect(() => {
        // Users may have joined or changed their names while the connection was lost.
        if (this.connection.isOpen.value) void this.#chat.value?.users.load().catch(() => {});
      }),
    );
    void this.session.load();
  }

  /** Runs an action that has no form; failures are shown as a toast. */
  async attempt(action: () => Promise<unknown>, texts: FailureTexts = {}): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this.toasts.show(readFailure(error, texts).text, "bad");
      return false;
    }
  }

  /** Opens a room. */
  openRoom(roomId: RoomId, offset: number | null = null): void {
    this.router.go({ type: "room", roomId, offset });
  }

  /** Opens a panel. Where there is space, members stay open in every room and after a reload. */
  openPanel(panel: Panel): void {
    if (panel.type !== "members" || this.#opensPanels.peek()) this.#options.router.openPanel(panel);
    else this.#keepMembers(true);
  }

  /** Closes the panel that is shown. */
  closePanel(): void {
    if (this.panel.peek()?.type !== "members" || this.#opensPanels.peek()) {
      this.#options.router.closePanel();
    } else this.#keepMembers(false);
  }

  /** Signs out on this device. */
  async signOut(): Promise<void> {
    await this.attempt(async () => {
      await this.session.signOut();
      this.router.go({ type: "home" }, "replace");
    });
  }

  /** The user cannot see the room any more. */
  roomLost(roomId: RoomId): void {
    if (this.preferences.lastRoomId.peek() === roomId) this.preferences.set({ lastRoomId: null });
    if (this.roomId.peek() === roomId) void this.#chat.peek()?.preview.load(roomId);
    // Guests cannot see public rooms.
    void this.session.refresh();
  }

  /** The welcome dialog was closed. */
  endWelcome(): void {
    this.#isWelcome.value = false;
    this.router.close();
  }

  /** Stops everything. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#turn++;
    this.#chat.value?.[Symbol.dispose]();
    this.#chat.value = null;
  }

  #keepMembers(isPanelOpen: boolean): void {
    this.#options.router.closePanel();
    this.preferences.set({ isPanelOpen });
  }

  async #signedInOrOut(): Promise<void> {
    const turn = ++this.#turn;
    const state = this.session.state.peek();
    const before = this.#chat.peek();
    this.#chat.value = null;
    before?.[Symbol.dispose]();
    const { api, forgetCopy, createChat } = this.#options;
    if (state.type !== "signed_in") {
      api.disconnect();
      if (state.type === "signed_out") await forgetCopy();
      return;
    }
    if (state.isFresh) await forgetCopy();
    const chat = await createChat(state.me);
    if (turn !== this.#turn) return chat[Symbol.dispose]();
    // Somebody else may be signed in by now: nothing is asked as the one who was.
    if (this.session.asOf.peek() === null) api.connect();
    batch(() => {
      this.#chat.value = chat;
      this.#leaveSheet(state.isFresh);
      this.#isWelcome.value = state.isNewOwner;
      if (state.isNewOwner) this.router.open("invite");
    });
  }

  /** The pages of setup, invite and reset end with the sign-in. */
  #leaveSheet(isFresh: boolean): void {
    const { type } = this.router.place.peek();
    if (type === "setup" || (isFresh && (type === "join" || type === "reset"))) {
      this.router.go({ type: "home" }, "replace");
    }
  }

  /** This follows the list, so that joining and leaving need no reload. */
  #openRoom(roomId: RoomId | null, isMember: boolean): void {
    const chat = this.#chat.value;
    if (chat === null) return;
    untracked(() => {
      chat.rooms.setCurrent(roomId);
      chat.members.open(roomId);
      chat.typing.open(roomId);
    });
    if (roomId === null) return;
    const isReady = chat.rooms.isReady.value;
    untracked(() => {
      if (isMember) this.preferences.set({ lastRoomId: roomId });
      if (isReady) void chat.preview.load(isMember ? null : roomId);
    });
  }

  /** Where there is space for both, a room is always open beside the list. */
  #chooseRoom(): void {
    const chat = this.#chat.value;
    if (chat === null || this.#options.isNarrow.value || !chat.rooms.isReady.value) return;
    if (this.router.place.value.type !== "home") return;
    const rooms = chat.rooms.rooms.value;
    const last = this.preferences.lastRoomId.peek();
    const sections = chat.rooms.sections.value;
    const roomId = last !== null && rooms.has(last)
      ? last
      : [...sections.rooms, ...sections.unread, ...sections.direct][0] ?? null;
    if (roomId === null) return;
    const overlay = this.router.overlay.peek();
    untracked(() => {
      this.router.go({ type: "room", roomId, offset: null }, "replace");
      if (overlay !== null) this.router.open(overlay);
    });
  }
}
