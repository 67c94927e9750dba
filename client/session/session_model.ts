import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { CLOSE_CODES } from "../../shared/errors.ts";
import { DIAL_TIMEOUT_MS } from "../../shared/limits.ts";
import type { Me } from "../../shared/user.ts";
import type { Outputs, Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";

/** The preview of an invite. */
export type InvitePreview = Outputs["invites"]["preview"];

/** The procedures of `SessionModel`; some set or clear the session cookie. */
export interface SessionApi {
  readonly auth: Pick<
    Trpc["auth"],
    "me" | "signIn" | "signOut" | "setup" | "register" | "joinAsGuest" | "resetPassword"
  >;
  readonly invites: Pick<Trpc["invites"], "preview">;
}

/** Why nobody is signed in. */
export type SignedOutReason = "none" | "signed_out" | "session_ended" | "deactivated";

/** The state of the session. */
export type SessionState =
  | { readonly type: "loading" }
  | { readonly type: "unreachable"; readonly failure: Failure; readonly retryAt: number }
  | { readonly type: "signed_out"; readonly reason: SignedOutReason }
  | {
    readonly type: "signed_in";
    readonly me: Me;
    /** True if the user has just signed in, false if they already were when the page opened. */
    readonly isFresh: boolean;
    readonly isNewOwner: boolean;
  };

/** Who was signed in when the server last answered. */
export interface Recalled {
  readonly me: Me;
  /** When that was, in words. */
  readonly asOf: string;
}

/** Options of `SessionModel`. */
export interface SessionOptions {
  readonly api: SessionApi;
  /** Reads what this device has stored; called once, if the server does not answer at once. */
  readonly recall?: () => Promise<Recalled | null>;
  readonly now?: () => number;
}

/** The wait before asking again, while the server cannot be reached at the start. */
const RETRY_MS = 5_000;
/** After this time without an answer, what is stored is shown. */
export const RECALL_AFTER_MS = 1_500;

/** The signed-in user; `sign_in.ts` has the ways to become one. */
export class SessionModel {
  readonly #options: SessionOptions;
  readonly #now: () => number;
  readonly #state = signal<SessionState>({ type: "loading" });
  readonly #asOf = signal<string | null>(null);
  #recalling: Promise<Recalled | null> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshing: Promise<void> | null = null;

  /** For the pages of signed-out users. */
  readonly api: SessionApi;
  /** The signed-in user, or why there is none. */
  readonly state: ReadonlySignal<SessionState> = this.#state;
  /** When what is shown was true, in words, if it is what this device has stored; null once the server has answered. */
  readonly asOf: ReadonlySignal<string | null> = this.#asOf;
  /** The signed-in user, or null. */
  readonly me: ReadonlySignal<Me | null> = computed(() => {
    const state = this.#state.value;
    return state.type === "signed_in" ? state.me : null;
  });

  constructor(options: SessionOptions) {
    this.api = options.api;
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Asks the server who is signed in; asks again until it answers. Until then, what is stored is shown. */
  async load(): Promise<void> {
    clearTimeout(this.#retryTimer);
    const slow = setTimeout(() => void this.#recall(), RECALL_AFTER_MS);
    try {
      const me = await this.api.auth.me.query(undefined, { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) });
      this.#set(me === null ? this.#signedOut() : signedIn(me));
    } catch (error) {
      const failure = readFailure(error);
      if (failure.code === "unauthenticated") return this.#set(this.#signedOut());
      await this.#recall();
      const waitMs = failure.retryAfterMs ?? RETRY_MS;
      if (this.#asOf.peek() === null) {
        this.#state.value = { type: "unreachable", failure, retryAt: this.#now() + waitMs };
      }
      this.#retryTimer = setTimeout(() => void this.load(), waitMs);
    } finally {
      clearTimeout(slow);
    }
  }

  /** The user has signed in; `isNewOwner` after setup. */
  enter(me: Me, isNewOwner = false): void {
    clearTimeout(this.#retryTimer);
    this.#set({ type: "signed_in", me, isFresh: true, isNewOwner });
  }

  /** Signs out on this device. Without an answer, the user stays signed in. */
  async signOut(): Promise<void> {
    await this.api.auth.signOut.mutate();
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

  /** Applies a change of the user's account. */
  update(change: Partial<Pick<Me, "name" | "workspaceName">>): void {
    const state = this.#state.peek();
    if (state.type === "signed_in") this.#state.value = { ...state, me: { ...state.me, ...change } };
  }

  /** Reloads the user, whose role may have changed; a failure changes nothing. */
  refresh(): Promise<void> {
    // A hundred rooms that are removed at once are one change.
    this.#refreshing ??= this.#readMe().finally(() => this.#refreshing = null);
    return this.#refreshing;
  }

  async #readMe(): Promise<void> {
    const me = await this.api.auth.me.query().catch(() => null);
    const state = this.#state.peek();
    if (me === null || state.type !== "signed_in" || state.me.sessionId !== me.sessionId) return;
    this.#state.value = { ...state, me };
  }

  /** Stops asking the server. */
  [Symbol.dispose](): void {
    clearTimeout(this.#retryTimer);
  }

  async #recall(): Promise<void> {
    this.#recalling ??= this.#options.recall?.() ?? Promise.resolve(null);
    const recalled = await this.#recalling;
    if (recalled === null || this.#state.peek().type !== "loading") return;
    batch(() => {
      this.#asOf.value = recalled.asOf;
      this.#state.value = signedIn(recalled.me);
    });
  }

  /** The server has said so. */
  #set(state: SessionState): void {
    batch(() => {
      this.#asOf.value = null;
      this.#state.value = state;
    });
  }

  #signedOut(): SessionState {
    return { type: "signed_out", reason: this.#asOf.peek() === null ? "none" : "session_ended" };
  }
}

function signedIn(me: Me): SessionState {
  return { type: "signed_in", me, isFresh: false, isNewOwner: false };
}
