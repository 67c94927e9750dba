import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { PAGE_MAX_COUNT } from "../../shared/limits.ts";
import type { RoomMember, RoomRole } from "../../shared/room.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";

/** More members are loaded only on request. */
const FIRST_COUNT = 1_000;
/** Many users may join at once; one reload suffices for all. */
const RELOAD_AFTER_MS = 400;

type MembersApi = Pick<Trpc["rooms"], "members" | "addMember" | "removeMember" | "setMemberRole">;

/** The members of the open room. */
export class MembersModel {
  readonly #api: MembersApi;
  readonly #members = signal<readonly RoomMember[]>([]);
  readonly #state = signal<"idle" | "loading" | "ready" | "failed">("idle");
  readonly #failure = signal<Failure | null>(null);
  readonly #cursor = signal<string | null>(null);
  #roomId: RoomId | null = null;
  #turn = 0;
  #reloadTimer: ReturnType<typeof setTimeout> | undefined;

  /** The members loaded so far, in the server's order. */
  readonly members: ReadonlySignal<readonly RoomMember[]> = this.#members;
  /** The state of loading; meanwhile, the list of another room is not shown. */
  readonly state: ReadonlySignal<"idle" | "loading" | "ready" | "failed"> = this.#state;
  /** Why loading failed. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;
  /** Whether there are more members than were loaded. */
  readonly hasMore: ReadonlySignal<boolean> = computed(() => this.#cursor.value !== null);

  constructor(api: MembersApi) {
    this.#api = api;
  }

  /** Shows the members of a room, or none. */
  open(roomId: RoomId | null): void {
    if (roomId === this.#roomId) return;
    this.#roomId = roomId;
    clearTimeout(this.#reloadTimer);
    batch(() => {
      this.#members.value = [];
      this.#cursor.value = null;
      this.#failure.value = null;
      this.#state.value = roomId === null ? "idle" : "loading";
    });
    if (roomId !== null) void this.#load(FIRST_COUNT);
  }

  /** A member came, left or got another role. */
  changed(roomId: RoomId): void {
    if (roomId !== this.#roomId) return;
    clearTimeout(this.#reloadTimer);
    this.#reloadTimer = setTimeout(() => void this.reload(), RELOAD_AFTER_MS);
  }

  /** An account was deactivated. */
  deactivated(userId: UserId): void {
    const isListed = this.#members.peek().some(({ user }) => user.id === userId);
    if (!isListed) return;
    const deactivatedAt = new Date().toISOString();
    this.#members.value = this.#members.peek().map((member) =>
      member.user.id === userId ? { ...member, user: { ...member.user, deactivatedAt } } : member
    );
  }

  /** Reloads the list without emptying it. */
  reload(): Promise<void> {
    return this.#roomId === null ? Promise.resolve() : this.#load(FIRST_COUNT);
  }

  /** Loads the rest of a very long list. */
  loadMore(): Promise<void> {
    return this.#load(this.#members.peek().length + FIRST_COUNT);
  }

  /** Returns a user's role in the room; null if not a member, or not loaded. */
  roleOf(userId: UserId): RoomRole | null {
    return this.#members.value.find((member) => member.user.id === userId)?.role ?? null;
  }

  /** Adds a member. */
  async add(userId: UserId): Promise<void> {
    await this.#change((roomId) => this.#api.addMember.mutate({ roomId, userId }));
  }

  /** Removes a member. */
  async remove(userId: UserId): Promise<void> {
    await this.#change((roomId) => this.#api.removeMember.mutate({ roomId, userId }));
  }

  /** Changes a member's role. */
  async setRole(userId: UserId, role: RoomRole): Promise<void> {
    await this.#change((roomId) => this.#api.setMemberRole.mutate({ roomId, userId, role }));
  }

  /** Stops the timer. */
  [Symbol.dispose](): void {
    clearTimeout(this.#reloadTimer);
    this.#turn++;
  }

  async #change(action: (roomId: RoomId) => Promise<unknown>): Promise<void> {
    if (this.#roomId === null) return;
    await action(this.#roomId);
    await this.reload();
  }

  async #load(wanted: number): Promise<void> {
    const roomId = this.#roomId;
    if (roomId === null) return;
    const turn = ++this.#turn;
    try {
      const members: RoomMember[] = [];
      let cursor: string | null = null;
      do {
        const page = await this.#api.members.query({
          roomId,
          limit: PAGE_MAX_COUNT,
          ...(cursor === null ? {} : { cursor }),
        });
        // A later call has replaced this one.
        if (turn !== this.#turn) return;
        members.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== null && members.length < wanted);
      batch(() => {
        this.#members.value = members;
        this.#cursor.value = cursor;
        this.#failure.value = null;
        this.#state.value = "ready";
      });
    } catch (error) {
      if (turn !== this.#turn) return;
      batch(() => {
        this.#failure.value = readFailure(error);
        this.#state.value = "failed";
      });
    }
  }
}
