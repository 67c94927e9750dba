import { batch, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";
import type { Trpc } from "../net/trpc.ts";

/** Details of the open room when the user is not a member: public rooms can be read before joining. */
export class RoomPreviewModel {
  readonly #api: Pick<Trpc["rooms"], "get">;
  readonly #room = signal<Room | null>(null);
  readonly #failure = signal<Failure | null>(null);
  #turn = 0;

  /** The previewed room; null until it is loaded. */
  readonly room: ReadonlySignal<Room | null> = this.#room;
  /** Why the room cannot be shown; `not_found` when it does not exist or the user may not see it. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;

  constructor(api: Pick<Trpc["rooms"], "get">) {
    this.#api = api;
  }

  /** Loads a room; null ends the preview. */
  async load(roomId: RoomId | null): Promise<void> {
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
        // The user may have lost access since the room was opened.
        if (failure.code === "not_found") this.#room.value = null;
        this.#failure.value = failure;
      });
    }
  }
}
