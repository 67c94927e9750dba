import type { ConnectionId, SessionId, TokenId, UserId } from "../../shared/ids.ts";

/** An open WebSocket as seen by the rest of the server. */
export interface Connection {
  readonly id: ConnectionId;
  /** The login; null until it has been checked. */
  readonly login: Login | null;
  /** Bytes waiting in this process because the reader is slow. */
  readonly bufferedBytes: number;
  readonly isOpen: boolean;
  /** Writes encoded WebSocket frames. Terminates the connection if the reader is too slow. */
  writeFrames(frames: Uint8Array): void;
  /** Resolves when fewer than `EPHEMERAL_SKIP_BYTES` are waiting, or the connection has closed. */
  drained(): Promise<void>;
  /** Closes the connection after answers in flight were sent; `code` is one of CLOSE_CODES. */
  close(code: number, reason: string): void;
  /** Closes the socket immediately. */
  terminate(): void;
  /** Calls `callback` once, when the connection has closed. */
  onClose(callback: () => void): void;
}

/** Identifies a login in storage. Exactly one of the last two ids is set. */
export interface LoginPointer {
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
  readonly tokenId: TokenId | null;
}

/** A valid login of a person or program. */
export interface Login extends LoginPointer {
  /** The account whose limits apply: a bot's maker, otherwise the user. */
  readonly accountId: UserId;
}
