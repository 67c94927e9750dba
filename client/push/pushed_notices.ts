import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { CallId, RoomId } from "../../shared/ids.ts";
import type { RoomSummary } from "../../shared/room.ts";
import { placeOf } from "./push_notice.ts";
import type { NoticeData } from "./push_notice.ts";
import { OPENED_MESSAGE, readOpenMessage, SHOWN_MESSAGE, TEST_TAG } from "./push_words.ts";
import type { OpenMessage } from "./push_words.ts";

/** Rooms change often; what was read goes within this time. */
const SWEEP_MS = 250;

/** Options of `PushedNotices`. */
export interface PushedNoticesOptions {
  readonly container: Pick<
    ServiceWorkerContainer,
    "addEventListener" | "removeEventListener" | "getRegistration"
  >;
  /** All rooms of the user. */
  readonly rooms: ReadonlySignal<ReadonlyMap<RoomId, RoomSummary>>;
  /** False until `rooms` is complete. */
  readonly isReady: ReadonlySignal<boolean>;
  /** Whether the user looks at this page. */
  readonly isAttentive: ReadonlySignal<boolean>;
  /** The user has clicked a notification. */
  readonly onOpen: (message: Pick<OpenMessage, "url" | "callId">) => void;
}

/** The page's side of notifications that the worker shows: takes back what is read, and opens what is clicked. */
export class PushedNotices implements Disposable {
  readonly #options: PushedNoticesOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop = () => {};
  #port: MessagePort | null = null;
  #isDisposed = false;
  readonly #onMessage = ({ data, ports }: MessageEvent) => {
    if (data === SHOWN_MESSAGE) return this.#sweepSoon();
    const message = readOpenMessage(data);
    if (message === null) return;
    ports[0]?.postMessage(true);
    this.#options.onOpen(message);
  };

  constructor(options: PushedNoticesOptions) {
    this.#options = options;
  }

  /** Follows the worker and what is read; opens the call that the page was opened for. */
  start(): void {
    const { container, rooms, isReady, isAttentive } = this.#options;
    container.addEventListener("message", this.#onMessage);
    this.#stop = effect(() => {
      rooms.value;
      isAttentive.value;
      if (isReady.value) untracked(() => this.#sweepSoon());
    });
    void this.#askOpenedFor();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#stop();
    this.#port?.close();
    clearTimeout(this.#timer);
    this.#options.container.removeEventListener("message", this.#onMessage);
  }

  #sweepSoon(): void {
    // Without the permission, there is nothing.
    if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#sweep();
    }, SWEEP_MS);
  }

  async #sweep(): Promise<void> {
    const registration = await this.#options.container.getRegistration();
    for (const notification of await registration?.getNotifications() ?? []) {
      if (this.#isOver(notification)) notification.close();
    }
  }

  #isOver({ data, tag }: Notification): boolean {
    const { rooms, isReady, isAttentive } = this.#options;
    const { kind, url }: Pick<NoticeData, "kind" | "url"> = data ?? { kind: "other", url: "/" };
    // The page shows the ring too, or that there is none any more.
    if (kind !== "message" && kind !== "missed") return isAttentive.peek() && tag !== TEST_TAG;
    const place = placeOf(url);
    if (place === null || !isReady.peek()) return false;
    const room = rooms.peek().get(place.roomId);
    return room === undefined || room.readOffset >= (place.offset ?? room.head);
  }

  async #askOpenedFor(): Promise<void> {
    const worker = (await this.#options.container.getRegistration())?.active;
    if (!worker || this.#isDisposed) return;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<CallId | null>) => {
      port1.close();
      if (data !== null) this.#options.onOpen({ url: location.pathname, callId: data });
    };
    worker.postMessage(OPENED_MESSAGE, [port2]);
  }
}
