import { effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { sessionOf } from "../../shared/call/call_state.ts";
import type { CallEnd, CallState } from "../../shared/call/call_state.ts";
import { describeEnd } from "../calls/call_words.ts";
import type { CallModel } from "../calls/call_model.ts";
import type { CallsWatch } from "../calls/calls_watch.ts";

/** A call that has ended, with what was known of it before. */
export interface EndedCall {
  readonly end: CallEnd;
  readonly wasIncoming: boolean;
  readonly isDirect: boolean;
  readonly hadCamera: boolean;
  readonly hadMic: boolean;
}

/** How the last call ended, until the user has read it. What needs no words is dismissed at once. */
export class CallEnds implements Disposable {
  readonly #model: Pick<CallModel, "state" | "act">;
  readonly #ended = signal<EndedCall | null>(null);
  readonly #stop: () => void;
  #before: CallState | null = null;

  readonly ended: ReadonlySignal<EndedCall | null> = this.#ended;

  constructor(model: Pick<CallModel, "state" | "act">, { calls }: Pick<CallsWatch, "calls">) {
    this.#model = model;
    this.#stop = effect(() => {
      const state = model.state.value;
      const running = calls.value;
      untracked(() => {
        this.#follow(state);
        // The other tab has left as well: there is nothing to take over.
        const end = this.#ended.peek()?.end;
        if (end?.reason === "moved" && running.get(end.roomId)?.callId !== end.callId) this.#drop();
      });
    });
  }

  /** The user has read it. */
  dismiss(): void {
    this.#model.act({ type: "dismiss" });
  }

  /** Stops following the call. */
  [Symbol.dispose](): void {
    this.#stop();
  }

  #follow(state: CallState): void {
    const before = this.#before;
    this.#before = state;
    const { stage } = state;
    if (stage.phase !== "ended") {
      this.#ended.value = null;
      return;
    }
    if (this.#ended.peek()?.end === stage.end) return;
    const session = before === null ? null : sessionOf(before);
    const ended = {
      end: stage.end,
      wasIncoming: before?.stage.phase === "incoming",
      isDirect: session?.isDirect ?? false,
      hadCamera: session?.want.cam ?? false,
      hadMic: session?.want.mic ?? false,
    };
    const isTold = stage.end.purpose === "talk" && describeEnd(stage.end, { ...ended, title: "" }) !== null;
    if (isTold) this.#ended.value = ended;
    else this.#drop();
  }

  /** Not at once, since the model is telling its state. */
  #drop(): void {
    queueMicrotask(() => this.dismiss());
  }
}
