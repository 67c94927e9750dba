import type { UserId } from "../../shared/ids.ts";
import { CLOSE_CODES } from "../../shared/errors.ts";
import {
  CONNECTIONS_PER_ADDRESS_COUNT,
  CONNECTIONS_PER_ADDRESS_UNAUTHENTICATED_COUNT,
  CONNECTIONS_PER_INSTANCE_COUNT,
  CONNECTIONS_PER_USER_COUNT,
  STREAMS_PER_ADDRESS_UNAUTHENTICATED_COUNT,
  STREAMS_PER_INSTANCE_COUNT,
  STREAMS_PER_INSTANCE_UNAUTHENTICATED_COUNT,
  STREAMS_PER_USER_COUNT,
} from "../../shared/limits.ts";
import type { Feed, SessionEnded } from "../changes.ts";
import type { Connection, Login } from "./connection.ts";
import { rateLimited } from "./rate_limit.ts";

/** Retry delay when the server is full, which can last. */
const FULL_RETRY_AFTER_MS = 5_000;

/** A connection, with what limits are counted by. */
export interface CountedConnection extends Connection {
  /** The address that limits are counted for. */
  readonly subject: string;
  /** Number of subscriptions that are open or opening. */
  readonly subscriptionCount: number;
  /** Asks a stock client to reconnect. */
  askToReconnect(): void;
}

/** An HTTP request in progress. It ends when its session does. */
export interface OpenRequest {
  readonly login: Login | null;
  /** The address that limits are counted for. */
  readonly subject: string;
  /** Whether it is a subscription, which stays open. */
  readonly isStream: boolean;
  /** Aborts it. */
  readonly end: () => void;
}

/** The open connections of this process; closes those whose session has ended. */
export class ConnectionRegistry {
  readonly #connections = new Set<CountedConnection>();
  readonly #byUser = new Map<UserId, Set<CountedConnection>>();
  readonly #countByAccount = new Map<UserId, number>();
  readonly #bySubject = new Map<string, { signedIn: number; anonymous: number }>();
  readonly #requests = new Set<OpenRequest>();
  readonly #streams = new StreamCount({
    maxCount: STREAMS_PER_INSTANCE_COUNT,
    eachMaxCount: STREAMS_PER_USER_COUNT,
  });
  readonly #anonymousStreams = new StreamCount({
    maxCount: STREAMS_PER_INSTANCE_UNAUTHENTICATED_COUNT,
    eachMaxCount: STREAMS_PER_ADDRESS_UNAUTHENTICATED_COUNT,
  });
  readonly #unsubscribe: () => void;
  #emptyWaiters: (() => void)[] = [];

  /** Subscribes to `feed` to learn of ended sessions, until `stop`. */
  constructor(options: { readonly feed: Feed }) {
    this.#unsubscribe = options.feed.subscribe("deliver", (notice) => {
      if (notice.type !== "changed") return;
      const { change } = notice;
      if (change.type === "session_ended") this.#endSession(change);
    });
  }

  /** Number of open WebSockets. */
  get count(): number {
    return this.#connections.size;
  }

  /** Number of subscriptions open on all WebSockets. */
  get subscriptionCount(): number {
    let count = 0;
    for (const connection of this.#connections) count += connection.subscriptionCount;
    return count;
  }

  /** Number of subscriptions open over HTTP. */
  get streamCount(): number {
    return this.#streams.count + this.#anonymousStreams.count;
  }

  /** All open WebSockets. */
  all(): CountedConnection[] {
    return [...this.#connections];
  }

  /** All HTTP subscriptions. */
  streams(): OpenRequest[] {
    return [...this.#requests].filter((request) => request.isStream);
  }

  /** Throws if the person or address may not open another connection. */
  requireCapacity(login: Login | null, subject: string): void {
    const ofAddress = this.#bySubject.get(subject) ?? { signedIn: 0, anonymous: 0 };
    const isFull = this.#connections.size >= CONNECTIONS_PER_INSTANCE_COUNT ||
      (login === null
        ? ofAddress.anonymous >= CONNECTIONS_PER_ADDRESS_UNAUTHENTICATED_COUNT
        : ofAddress.signedIn >= CONNECTIONS_PER_ADDRESS_COUNT ||
          (this.#countByAccount.get(login.accountId) ?? 0) >= CONNECTIONS_PER_USER_COUNT);
    if (isFull) throw rateLimited(FULL_RETRY_AFTER_MS);
  }

  /** Counts a connection until it closes. */
  add(connection: CountedConnection): void {
    this.#connections.add(connection);
    this.#countOf(connection.subject)[connection.login === null ? "anonymous" : "signedIn"]++;
    if (connection.login !== null) this.#addLogin(connection, connection.login);
    connection.onClose(() => this.#remove(connection));
  }

  /** Stops counting a connection as unauthenticated; call it right after setting its login. */
  signedIn(connection: CountedConnection, login: Login): void {
    if (!this.#connections.has(connection)) return;
    const counts = this.#countOf(connection.subject);
    counts.anonymous--;
    counts.signedIn++;
    this.#addLogin(connection, login);
  }

  /** Counts an HTTP request until the returned function is called. Throws if there are too many streams. */
  open(request: OpenRequest): () => void {
    const closeStream = request.isStream ? this.#openStream(request) : null;
    this.#requests.add(request);
    return () => {
      if (!this.#requests.delete(request) || closeStream === null) return;
      closeStream();
      this.#tellIfEmpty();
    };
  }

  /** Resolves when no WebSocket and no HTTP subscription is open. */
  empty(): Promise<void> {
    if (this.#connections.size === 0 && this.streamCount === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptyWaiters.push(resolve);
    return promise;
  }

  /** Unsubscribes from the feed; connections stay open. */
  stop(): void {
    this.#unsubscribe();
  }

  #openStream({ login, subject }: OpenRequest): () => void {
    return login === null ? this.#anonymousStreams.open(subject) : this.#streams.open(login.accountId);
  }

  #endSession(ended: SessionEnded): void {
    const isDeactivated = ended.reason === "deactivated";
    for (const connection of [...this.#byUser.get(ended.userId) ?? []]) {
      if (!isEnded(connection.login, ended)) continue;
      if (isDeactivated) connection.close(CLOSE_CODES.accountDeactivated, "Account deactivated");
      else connection.close(CLOSE_CODES.sessionEnded, "Session ended");
    }
    for (const request of [...this.#requests]) if (isEnded(request.login, ended)) request.end();
  }

  #addLogin(connection: CountedConnection, login: Login): void {
    this.#usersOf(login.userId).add(connection);
    addTo(this.#countByAccount, login.accountId, 1);
  }

  #remove(connection: CountedConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.#tellIfEmpty();
    const { login, subject } = connection;
    const counts = this.#countOf(subject);
    counts[login === null ? "anonymous" : "signedIn"]--;
    if (counts.anonymous === 0 && counts.signedIn === 0) this.#bySubject.delete(subject);
    if (login === null) return;
    addTo(this.#countByAccount, login.accountId, -1);
    const ofUser = this.#usersOf(login.userId);
    ofUser.delete(connection);
    if (ofUser.size === 0) this.#byUser.delete(login.userId);
  }

  #tellIfEmpty(): void {
    if (this.#connections.size > 0 || this.streamCount > 0) return;
    for (const resolve of this.#emptyWaiters) resolve();
    this.#emptyWaiters = [];
  }

  #countOf(subject: string): { signedIn: number; anonymous: number } {
    return this.#bySubject.getOrInsertComputed(subject, () => ({ signedIn: 0, anonymous: 0 }));
  }

  #usersOf(userId: UserId): Set<CountedConnection> {
    return this.#byUser.getOrInsertComputed(userId, () => new Set());
  }
}

/** Counts open streams: all, and those of each account or address. */
class StreamCount {
  readonly #limits: { readonly maxCount: number; readonly eachMaxCount: number };
  readonly #counts = new Map<string, number>();
  count = 0;

  constructor(limits: { readonly maxCount: number; readonly eachMaxCount: number }) {
    this.#limits = limits;
  }

  /** Counts one until the returned function is called. Throws if there are too many. */
  open(owner: string): () => void {
    const { maxCount, eachMaxCount } = this.#limits;
    if (this.count >= maxCount || (this.#counts.get(owner) ?? 0) >= eachMaxCount) {
      throw rateLimited(FULL_RETRY_AFTER_MS);
    }
    this.count++;
    addTo(this.#counts, owner, 1);
    return () => {
      this.count--;
      addTo(this.#counts, owner, -1);
    };
  }
}

function addTo<Key>(counts: Map<Key, number>, key: Key, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

function isEnded(login: Login | null, ended: SessionEnded): boolean {
  if (login === null || login.userId !== ended.userId) return false;
  if (ended.sessionId === null && ended.tokenId === null) return true;
  return ended.sessionId === null ? login.tokenId === ended.tokenId : login.sessionId === ended.sessionId;
}
