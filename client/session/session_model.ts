import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { CLOSE_CODES } from "../../shared/errors.ts";
import type { Me } from "../../shared/user.ts";
import type { Outputs, Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";

/** What an invite link promises, before anybody joins. */
export type InvitePreview = Outputs["invites"]["preview"];

/** What signing in needs of the server; each sets or clears the session cookie. */
export interface SessionApi {
  readonly auth: Pick<
    Trpc["auth"],
    "me" | "signIn" | "signOut" | "setup" | "register" | "joinAsGuest" | "resetPassword"
  >;
  readonly invites: Pick<Trpc["invites"], "preview">;
}

/** Why nobody is signed in, as far as it is worth a word. */
export type SignedOutReason = "none" | "signed_out" | "session_ended" | "deactivated";

/** Who is signed in here. */
export type SessionState =
  | { readonly type: "loading" }
  | { readonly type: "unreachable"; readonly failure: Failure; readonly retryAt: number }
  | { readonly type: "signed_out"; readonly reason: SignedOutReason }
  | {
    readonly type: "signed_in";
    readonly me: Me;
    /** True when the person came in just now, false when the page found them signed in. */
    readonly isFresh: boolean;
    readonly isNewOwner: boolean;
  };

/** What the session stands on. */
export interface SessionOptions {
  readonly api: SessionApi;
  readonly now?: () => number;
}

/** While the server cannot be reached at the first question, it is asked again after this. */
const RETRY_MS = 5_000;

/** Who is signed in, and every way in and out. */
export class SessionModel {
  readonly #api: SessionApi;
  readonly #now: () => number;
  readonly #state = signal<SessionState>({ type: "loading" });
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshing: Promise<void> | null = null;

  /** Who is signed in, or why nobody is. */
  readonly state: ReadonlySignal<SessionState> = this.#state;
  /** The signed-in person, or null. */
  readonly me: ReadonlySignal<Me | null> = computed(() => {
    const state = this.#state.value;
    return state.type === "signed_in" ? state.me : null;
  });

  constructor(options: SessionOptions) {
    this.#api = options.api;
    this.#now = options.now ?? Date.now;
  }

  /** Asks the server who is signed in; asks again until it answers. */
  async load(): Promise<void> {
    clearTimeout(this.#retryTimer);
    try {
      const me = await this.#api.auth.me.query();
      this.#state.value = me === null ? { type: "signed_out", reason: "none" } : signedIn(me);
    } catch (error) {
      const failure = readFailure(error);
      if (failure.code === "unauthenticated") {
        this.#state.value = { type: "signed_out", reason: "none" };
        return;
      }
      const waitMs = failure.retryAfterMs ?? RETRY_MS;
      this.#state.value = { type: "unreachable", failure, retryAt: this.#now() + waitMs };
      this.#retryTimer = setTimeout(() => void this.load(), waitMs);
    }
  }

  /** Signs in with name and password. */
  async signIn(name: string, password: string): Promise<void> {
    this.#enter(await this.#api.auth.signIn.mutate({ name, password }));
  }

  /** Makes the first owner. */
  async setup(
    input: { token: string; name: string; password: string; workspaceName: string },
  ): Promise<void> {
    const { workspaceName, ...account } = input;
    const name = workspaceName.trim();
    const me = await this.#api.auth.setup.mutate(name === "" ? account : { ...account, workspaceName: name });
    this.#enter(me, true);
  }

  /** Makes a member's account by an invite. */
  async register(input: { invite: string; name: string; password: string }): Promise<void> {
    this.#enter(await this.#api.auth.register.mutate(input));
  }

  /** Comes in as a guest by an invite. */
  async joinAsGuest(input: { invite: string; name: string }): Promise<void> {
    this.#enter(await this.#api.auth.joinAsGuest.mutate(input));
  }

  /** Sets a new password by a reset link, and signs in. */
  async resetPassword(token: string, password: string): Promise<void> {
    this.#enter(await this.#api.auth.resetPassword.mutate({ token, password }));
  }

  /** Throws what is wrong with a reset link. An empty password is refused after the link is looked up: nothing changes. */
  async checkReset(token: string): Promise<void> {
    try {
      await this.#api.auth.resetPassword.mutate({ token, password: "" });
    } catch (error) {
      if (readFailure(error).code !== "invalid_input") throw error;
    }
  }

  /** Gives what an invite promises. */
  preview(invite: string): Promise<InvitePreview> {
    return this.#api.invites.preview.query({ invite });
  }

  /** Signs out here. Without an answer the session stays, and so does the person. */
  async signOut(): Promise<void> {
    await this.#api.auth.signOut.mutate();
    this.#state.value = { type: "signed_out", reason: "signed_out" };
  }

  /** The server ended the session; `closeCode` says why. */
  ended(closeCode: number): void {
    if (this.#state.peek().type !== "signed_in") return;
    this.#state.value = {
      type: "signed_out",
      reason: closeCode === CLOSE_CODES.accountDeactivated ? "deactivated" : "session_ended",
    };
  }

  /** Takes in what changed about the own account. */
  update(change: Partial<Pick<Me, "name" | "workspaceName">>): void {
    const state = this.#state.peek();
    if (state.type === "signed_in") this.#state.value = { ...state, me: { ...state.me, ...change } };
  }

  /** Looks again at what the server says of the person: the role may have changed. What fails leaves all as it is. */
  refresh(): Promise<void> {
    // A hundred rooms that go at once are one change.
    this.#refreshing ??= this.#readMe().finally(() => this.#refreshing = null);
    return this.#refreshing;
  }

  async #readMe(): Promise<void> {
    const me = await this.#api.auth.me.query().catch(() => null);
    const state = this.#state.peek();
    if (me === null || state.type !== "signed_in" || state.me.sessionId !== me.sessionId) return;
    this.#state.value = { ...state, me };
  }

  /** Stops asking. */
  [Symbol.dispose](): void {
    clearTimeout(this.#retryTimer);
  }

  #enter(me: Me, isNewOwner = false): void {
    clearTimeout(this.#retryTimer);
    this.#state.value = { type: "signed_in", me, isFresh: true, isNewOwner };
  }
}

function signedIn(me: Me): SessionState {
  return { type: "signed_in", me, isFresh: false, isNewOwner: false };
}
