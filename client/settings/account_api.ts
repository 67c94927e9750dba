import type { SessionId, TokenId } from "../../shared/ids.ts";

/** A place where the person is signed in. */
export interface SessionInfo {
  readonly id: SessionId;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly userAgent: string;
  readonly current: boolean;
}

/** A program that acts in the person's name. */
export interface TokenInfo {
  readonly id: TokenId;
  readonly label: string;
  /** Null when the program acts in the person's own name. */
  readonly botName: string | null;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** What the settings need of the server. */
export interface AccountApi {
  readonly rename: (name: string) => Promise<unknown>;
  readonly changePassword: (current: string, next: string) => Promise<unknown>;
  readonly sessions: () => Promise<readonly SessionInfo[]>;
  readonly revokeSession: (sessionId: SessionId) => Promise<unknown>;
  readonly tokens: () => Promise<readonly TokenInfo[]>;
  readonly createToken: (
    input: { label: string; bot?: { name: string } },
  ) => Promise<{ id: TokenId; token: string }>;
  readonly revokeToken: (tokenId: TokenId) => Promise<unknown>;
}
