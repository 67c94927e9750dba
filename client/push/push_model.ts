import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import type { PushDevice, PushObstacle } from "./push_device.ts";
import { TEST_TAG } from "./push_words.ts";

/** Whether this device is told of messages while Parley is closed, or why it cannot be. */
export type PushState = "loading" | "on" | "off" | "blocked" | "server_off" | PushObstacle;

/** Options of `PushModel`. */
export interface PushModelOptions {
  readonly api: Trpc["push"];
  readonly device: PushDevice;
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  readonly me: UserId;
}

/** Holds the id of the user who has switched notifications on. */
const STORAGE_KEY = "parley.push";
/** How long a test is waited for, and how often the page looks. */
const TEST_WAIT_MS = 15_000;
const TEST_LOOK_MS = 250;
const TEST_WORDS = {
  sent: "Sent. It should be here in a few seconds.",
  arrived:
    "It has arrived. If you do not see it, look whether this device or its browser keeps notifications back.",
  missing:
    "If nothing has come, the push service of this browser does not answer or refuses it. The server tries again for a minute; its log says more.",
} as const;
const TEXTS = {
  push_host_refused: "This server sends nothing to the push service of this browser. Ask whoever runs it.",
  not_found: "The server does not know this device any more. Switch notifications off and on again.",
} as const;

/** Push notifications of this device, for one user. */
export class PushModel {
  readonly #options: PushModelOptions;
  readonly #state = signal<PushState>("loading");
  readonly #isBusy = signal(false);
  readonly #notice = signal<string | null>(null);
  #publicKey: string | null = null;
  #loading: Promise<void> | null = null;
  #testTimer: ReturnType<typeof setInterval> | undefined;

  readonly state: ReadonlySignal<PushState> = this.#state;
  readonly isBusy: ReadonlySignal<boolean> = this.#isBusy;
  /** What came of the last action, in a sentence. */
  readonly notice: ReadonlySignal<string | null> = this.#notice;

  constructor(options: PushModelOptions) {
    this.#options = options;
  }

  /** Renews what the user has switched on here, and ends the subscription of anybody else. */
  async start(): Promise<void> {
    const { device } = this.#options;
    if (device.obstacle !== null) return void (this.#state.value = device.obstacle);
    if (this.#isWanted()) return await this.load();
    this.#state.value = "off";
    await (await device.find())?.end();
  }

  /** Finds out how things are. */
  load(): Promise<void> {
    return this.#loading ??= this.#load().finally(() => this.#loading = null);
  }

  /** Switches notifications on; call it while the user clicks. */
  turnOn(): Promise<void> {
    const { api, device, storage, me } = this.#options;
    // Before anything is waited for: browsers ask only during a click.
    const asked = device.ask();
    return this.#act(async () => {
      const permission = await asked;
      if (permission !== "granted") {
        const isDenied = permission === "denied";
        this.#state.value = isDenied ? "blocked" : "off";
        // For those who are blocked, the switch says what to do.
        return isDenied
          ? null
          : "Nothing was switched on. Try again, and choose “Allow” when the browser asks.";
      }
      // The first request may have failed.
      this.#publicKey ??= (await api.key.query()).publicKey;
      if (this.#publicKey === null) {
        this.#state.value = "server_off";
        return null;
      }
      await this.#subscribe(this.#publicKey);
      storage.setItem(STORAGE_KEY, me);
      return null;
    });
  }

  /** Switches notifications off on this device. */
  turnOff(): Promise<void> {
    return this.#act(async () => {
      const endpoint = await this.end();
      this.#state.value = "off";
      // The push service says that it is gone, if the server does not hear it now.
      if (endpoint !== null) await this.#options.api.unsubscribe.mutate({ endpoint });
      return null;
    });
  }

  /** Asks the server for a notification, and says whether it comes. */
  test(): Promise<void> {
    const { api, device } = this.#options;
    return this.#act(async () => {
      await device.clear(TEST_TAG);
      await api.test.mutate();
      this.#awaitTest();
      return TEST_WORDS.sent;
    });
  }

  /** Ends the subscription in the browser; returns its endpoint. */
  async end(): Promise<string | null> {
    const { device, storage } = this.#options;
    this.#forgetTest();
    storage.removeItem(STORAGE_KEY);
    if (device.obstacle !== null) return null;
    const subscription = await device.find();
    await subscription?.end();
    await device.clear();
    return subscription?.endpoint ?? null;
  }

  #awaitTest(): void {
    const { device } = this.#options;
    const endsAt = Date.now() + TEST_WAIT_MS;
    const timer = this.#testTimer = setInterval(async () => {
      const isShown = await device.isShown(TEST_TAG).catch(() => false);
      if (timer !== this.#testTimer || (!isShown && Date.now() < endsAt)) return;
      this.#forgetTest();
      this.#notice.value = isShown ? TEST_WORDS.arrived : TEST_WORDS.missing;
    }, TEST_LOOK_MS);
  }

  #forgetTest(): void {
    clearInterval(this.#testTimer);
    this.#testTimer = undefined;
  }

  async #load(): Promise<void> {
    const { api, device } = this.#options;
    if (device.obstacle !== null) return void (this.#state.value = device.obstacle);
    try {
      this.#publicKey = (await api.key.query()).publicKey;
      if (this.#publicKey === null) this.#state.value = "server_off";
      else if (device.permission() === "denied") this.#state.value = "blocked";
      else if (this.#isWanted() && device.permission() === "granted") await this.#subscribe(this.#publicKey);
      else this.#state.value = "off";
    } catch (error) {
      // What was switched on here goes on: only its renewal has failed.
      this.#state.value = await this.#isSubscribed() ? "on" : "off";
      this.#notice.value = describe(error);
    }
  }

  async #isSubscribed(): Promise<boolean> {
    if (!this.#isWanted()) return false;
    const subscription = await this.#options.device.find().catch(() => null);
    return subscription !== null && (this.#publicKey === null || subscription.isFor(this.#publicKey));
  }

  #isWanted(): boolean {
    return this.#options.storage.getItem(STORAGE_KEY) === this.#options.me;
  }

  /** Tells the server again each time: the session, the endpoint or the key may be another one now. */
  async #subscribe(publicKey: string): Promise<void> {
    const { api, device } = this.#options;
    let subscription = await device.find();
    // What somebody else has left here could not be ended when this user signed in.
    if (subscription !== null && !(this.#isWanted() && subscription.isFor(publicKey))) {
      await subscription.end();
      subscription = null;
    }
    const { endpoint, keys } = subscription ?? await device.subscribe(publicKey);
    await api.subscribe.mutate({ subscription: { endpoint, keys } });
    this.#state.value = "on";
  }

  async #act(action: () => Promise<string | null>): Promise<void> {
    if (this.#isBusy.peek()) return;
    this.#isBusy.value = true;
    this.#notice.value = null;
    this.#forgetTest();
    try {
      // It would subscribe again what is being switched off.
      await this.#loading;
      this.#notice.value = await action();
    } catch (error) {
      this.#notice.value = describe(error);
    } finally {
      this.#isBusy.value = false;
    }
  }
}

function describe(error: unknown): string {
  return error instanceof DOMException || (error instanceof Error && error.message === "No service worker")
    ? "This browser could not reach its push service. Try again later."
    : readFailure(error, TEXTS).text;
}
