import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { PAGE_MAX_COUNT } from "../../shared/limits.ts";
import type { RoomMember, RoomRole } from "../../shared/room.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";

/** More than this is fetched only when somebody asks for it. */
const FIRST_COUNT = 1_000;
/** Many people may join at once; one look answers for all of them. */
const RELOAD_AFTER_MS = 400;

type MembersApi = Pick<Trpc["rooms"], "members" | "addMember" | "removeMember" | "setMemberRole">;

/** Who is in the open room. */
export class MembersModel {
  readonly #api: MembersApi;
  readonly #members = signal<readonly RoomMember[]>([]);
  readonly #state = signal<"idle" | "loading" | "ready" | "failed">("idle");
  readonly #failure = signal<Failure | null>(null);
  readonly #cursor = signal<string | null>(null);
  #roomId: RoomId | null = null;
  #turn = 0;
  #reloadTimer: ReturnType<typeof setTimeout> | undefined;

  /** The members known so far, as the server orders them. */
  readonly members: ReadonlySignal<readonly RoomMember[]> = this.#members;
  /** How far the loading is; the list of another room is never shown meanwhile. */
  readonly state: ReadonlySignal<"idle" | "loading" | "ready" | "failed"> = this.#state;
  /** Why loading failed. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;
  /** True when there are more members than were fetched. */
  readonly hasMore: ReadonlySignal<boolean> = computed(() => this.#cursor.value !== null);

  constructor(api: MembersApi) {
    this.#api = api;
  }

  /** Shows the members of another room, or of none. */
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

  /** Somebody came, went or got another role. */
  changed(roomId: RoomId): void {
    if (roomId !== this.#roomId) return;
    clearTimeout(this.#reloadTimer);
    this.#reloadTimer = setTimeout(() => void this.reload(), RELOAD_AFTER_MS);
  }

  /** Reads the list again, without emptying it meanwhile. */
  reload(): Promise<void> {
    return this.#roomId === null ? Promise.resolve() : this.#load(FIRST_COUNT);
  }

  /** Fetches the rest of a very long list. */
  loadMore(): Promise<void> {
    return this.#load(this.#members.peek().length + FIRST_COUNT);
  }

  /** Gives a member's role in the room; null when it is not in it, or not known yet. */
  roleOf(userId: UserId): RoomRole | null {
    return this.#members.value.find((member) => member.user.id === userId)?.role ?? null;
  }

  /** Brings somebody in. */
  async add(userId: UserId): Promise<void> {
    await this.#change((roomId) => this.#api.addMember.mutate({ roomId, userId }));
  }

  /** Takes somebody out. */
  async remove(userId: UserId): Promise<void> {
    await this.#change((roomId) => this.#api.removeMember.mutate({ roomId, userId }));
  }

  /** Makes somebody a moderator, or a member again. */
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
        // A later call has the word: the room was changed, or the list is read again.
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
