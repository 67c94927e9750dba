import type { SessionId, TokenId } from "../../shared/ids.ts";
import { ListModel } from "../ui/list_model.ts";
import type { AccountApi, SessionInfo, TokenInfo } from "./account_api.ts";

/** What the account settings tell the rest of the client. */
export interface AccountOptions {
  readonly api: AccountApi;
  readonly onRenamed: (name: string) => void;
}

/** The own account: name, password, where one is signed in, and programs. */
export class AccountModel {
  readonly #api: AccountApi;
  readonly #onRenamed: (name: string) => void;

  /** Where one is signed in, this device first. */
  readonly sessions: ListModel<SessionInfo>;
  /** Programs that act in one's name. */
  readonly tokens: ListModel<TokenInfo>;

  constructor({ api, onRenamed }: AccountOptions) {
    this.#api = api;
    this.#onRenamed = onRenamed;
    this.sessions = new ListModel(async () => (await api.sessions()).toSorted(byRecency));
    this.tokens = new ListModel(() => api.tokens());
  }

  /** Takes another name. */
  async rename(name: string): Promise<void> {
    await this.#api.rename(name);
    this.#onRenamed(name);
  }

  /** Sets another password; every other session ends. */
  async changePassword(current: string, next: string): Promise<void> {
    await this.#api.changePassword(current, next);
    await this.sessions.load();
  }

  /** Signs another device out. */
  async revokeSession(sessionId: SessionId): Promise<void> {
    await this.#api.revokeSession(sessionId);
    await this.sessions.load();
  }

  /** Makes a token for a program; its secret is shown once. */
  async createToken(label: string, botName: string | null): Promise<string> {
    const input = botName === null ? { label } : { label, bot: { name: botName } };
    const { token } = await this.#api.createToken(input);
    await this.tokens.load();
    return token;
  }

  /** Ends a program's access. */
  async revokeToken(tokenId: TokenId): Promise<void> {
    await this.#api.revokeToken(tokenId);
    await this.tokens.load();
  }
}

function byRecency(a: SessionInfo, b: SessionInfo): number {
  return Number(b.current) - Number(a.current) || b.lastSeenAt.localeCompare(a.lastSeenAt);
}
