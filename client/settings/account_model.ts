import type { SessionId, TokenId } from "../../shared/ids.ts";
import type { Outputs, Trpc } from "../net/trpc.ts";
import { ListModel } from "../ui/list_model.ts";

/** A session of the user. */
export type SessionInfo = Outputs["auth"]["sessions"][number];
/** A program with a token of the user. */
export type TokenInfo = Outputs["tokens"]["list"][number];

/** Options of `AccountModel`. */
export interface AccountOptions {
  readonly api: {
    readonly auth: Pick<Trpc["auth"], "changePassword" | "sessions" | "revokeSession">;
    readonly tokens: Pick<Trpc["tokens"], "list" | "create" | "revoke">;
    readonly users: Pick<Trpc["users"], "rename">;
  };
  readonly onRenamed: (name: string) => void;
}

/** The user's account: name, password, sessions and programs. */
export class AccountModel {
  readonly #api: AccountOptions["api"];
  readonly #onRenamed: (name: string) => void;

  /** The user's sessions, this device first. */
  readonly sessions: ListModel<SessionInfo>;
  /** Programs with tokens of the user. */
  readonly tokens: ListModel<TokenInfo>;

  constructor({ api, onRenamed }: AccountOptions) {
    this.#api = api;
    this.#onRenamed = onRenamed;
    this.sessions = new ListModel(async () => (await api.auth.sessions.query()).toSorted(byRecency));
    this.tokens = new ListModel(() => api.tokens.list.query());
  }

  /** Changes the name. */
  async rename(name: string): Promise<void> {
    await this.#api.users.rename.mutate({ name });
    this.#onRenamed(name);
  }

  /** Changes the password, which ends all other sessions. */
  async changePassword(current: string, next: string): Promise<void> {
    await this.#api.auth.changePassword.mutate({ current, next });
    await this.sessions.load();
  }

  /** Signs another device out. */
  async revokeSession(sessionId: SessionId): Promise<void> {
    await this.#api.auth.revokeSession.mutate({ sessionId });
    await this.sessions.load();
  }

  /** Creates a token for a program; its secret is shown only once. */
  async createToken(label: string, botName: string | null): Promise<string> {
    const input = botName === null ? { label } : { label, bot: { name: botName } };
    const { token } = await this.#api.tokens.create.mutate(input);
    await this.tokens.load();
    return token;
  }

  /** Revokes a token. */
  async revokeToken(tokenId: TokenId): Promise<void> {
    await this.#api.tokens.revoke.mutate({ tokenId });
    await this.tokens.load();
  }
}

function byRecency(a: SessionInfo, b: SessionInfo): number {
  return Number(b.current) - Number(a.current) || b.lastSeenAt.localeCompare(a.lastSeenAt);
}
