import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";
import type { RoomsApi } from "./rooms_api.ts";

/** A room that is open though one is not a member: public ones can be read before joining. */
export class VisitModel {
  readonly #api: Pick<RoomsApi, "get">;
  readonly #room = signal<Room | null>(null);
  readonly #failure = signal<Failure | null>(null);
  #turn = 0;

  /** The visited room, once the server gave it. */
  readonly room: ReadonlySignal<Room | null> = computed(() => this.#room.value);
  /** Why it cannot be shown; `not_found` when there is no such room, or not for this person. */
  readonly failure: ReadonlySignal<Failure | null> = computed(() => this.#failure.value);

  constructor(api: Pick<RoomsApi, "get">) {
    this.#api = api;
  }

  /** Asks for a room; null leaves. */
  async look(roomId: RoomId | null): Promise<void> {
    const turn = ++this.#turn;
    batch(() => {
      if (this.#room.peek()?.id !== roomId) this.#room.value = null;
      this.#failure.value = null;
    });
    if (roomId === null) return;
    try {
      const room = await this.#api.get.query({ roomId });
      if (turn === this.#turn) this.#room.value = room;
    } catch (error) {
      if (turn !== this.#turn) return;
      const failure = readFailure(error);
      batch(() => {
        // It was there when it was opened; whoever may not see it any more sees nothing of it.
        if (failure.code === "not_found") this.#room.value = null;
        this.#failure.value = failure;
      });
    }
  }
}
