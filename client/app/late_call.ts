import { computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Call } from "../../shared/call/call_types.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { CallTabs } from "../calls/call_tabs.ts";
import { callsOf } from "./calls_models.ts";
import type { CallsModels } from "./calls_models.ts";
import { LatePart } from "./late_part.ts";
import type { SignedIn } from "./app_context.ts";
import type { OpenCall } from "./open_call.ts";

/** The views of a call, and the call itself. */
type CallsPart = typeof import("./CallsPart.tsx");

/** What is known of calls before the part for calls is needed, and that part once it is. */
export class LateCall {
  readonly #models = signal<CallsModels | null>(null);
  readonly #opened = signal<{ readonly views: CallsPart; readonly call: OpenCall } | null>(null);
  readonly #part = new LatePart<CallsPart>(() => import("./CallsPart.tsx"));
  #opening: Promise<OpenCall> | null = null;

  readonly tabs: CallTabs;
  /** The calls of all rooms; null until they are known. */
  readonly models: ReadonlySignal<CallsModels | null> = this.#models;
  /** Null until a call is needed: somebody rings, or the user wants to talk. */
  readonly opened: ReadonlySignal<{ readonly views: CallsPart; readonly call: OpenCall } | null> =
    this.#opened;

  constructor(tabs: CallTabs) {
    this.tabs = tabs;
  }

  /** The call of talking people in a room. */
  callIn(roomId: RoomId): Call | null {
    const call = this.#models.value?.watch.calls.value.get(roomId);
    return call === undefined || call.purpose === "files" ? null : call;
  }

  /** Whether this tab takes part in the call of a room, or is about to. */
  isShownIn(roomId: RoomId): boolean {
    return this.#opened.value?.call.place.value?.roomId === roomId;
  }

  /** Loads the part for calls. */
  open(context: SignedIn): Promise<OpenCall> {
    return this.#opening ??= this.#open(context);
  }

  /** Follows the calls, and loads the part for them when somebody rings. */
  async start(context: SignedIn): Promise<void> {
    const { chat } = context;
    const models = await callsOf(chat);
    if (chat.end.aborted) return;
    this.#models.value = models;
    const isNeeded = computed(() => models.wasInCall || models.watch.rings.value.length > 0);
    const stop = effect(() => {
      if (isNeeded.value) void this.open(context);
    });
    chat.end.addEventListener("abort", () => {
      stop();
      this.tabs[Symbol.dispose]();
      this.#opened.peek()?.call[Symbol.dispose]();
      this.#opened.value = null;
      this.#models.value = null;
    });
  }

  async #open(context: SignedIn): Promise<OpenCall> {
    const [views, models] = await Promise.all([this.#part.load(), callsOf(context.chat)]);
    const call = views.openCall(context, { models, tabs: this.tabs });
    if (context.chat.end.aborted) call[Symbol.dispose]();
    else this.#opened.value = { views, call };
    return call;
  }
}
