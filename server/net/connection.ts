import type { ConnectionId, SessionId, TokenId, UserId } from "../../shared/ids.ts";

/** One open WebSocket as the rest of the server sees it. */
export interface Connection {
  readonly id: ConnectionId;
  /** Who signed in on it; null until the login has been checked. */
  readonly login: Login | null;
  /** Bytes that wait in the process because the reader is slow. */
  readonly bufferedBytes: number;
  readonly isOpen: boolean;
  /** Writes bytes that are WebSocket frames already. Terminates a reader that is too slow. */
  writeFrames(frames: Uint8Array): void;
  /** Resolves when less than `EPHEMERAL_SKIP_BYTES` wait, or the connection has ended. */
  drained(): Promise<void>;
  /** Closes after the answers in flight; `code` is one of CLOSE_CODES. */
  close(code: number, reason: string): void;
  /** Frees the socket at once. */
  terminate(): void;
  /** Calls back once when the connection has ended. */
  onClose(callback: () => void): void;
}

/** Where a login stands in storage. Exactly one of the last two ids is set. */
export interface LoginPointer {
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
  readonly tokenId: TokenId | null;
}

/** What a person or program showed to get in. */
export interface Login extends LoginPointer {
  /** Whose limits it uses: a bot's maker, else the person itself. */
  readonly accountId: UserId;
}
