import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { effectiveText } from "../../shared/presence.ts";
import { findStatusTextProblem } from "../../shared/status_text.ts";
import type { StatusText } from "../../shared/presence.ts";
import { SubmitModel } from "../ui/submit_model.ts";
import { endOf } from "../ui/clear_after.ts";
import type { ClearAfter } from "../ui/clear_after.ts";

/** A status that can be set with one click. */
export interface StatusPreset {
  readonly text: string;
  readonly clearAfter: Exclude<ClearAfter, "keep">;
}

/** Common status texts. */
export const STATUS_PRESETS: readonly StatusPreset[] = [
  { text: "In a meeting", clearAfter: "1h" },
  { text: "Lunch", clearAfter: "30m" },
  { text: "Out for today", clearAfter: "today" },
  { text: "On holiday", clearAfter: "never" },
];

/** Options of `StatusEditorModel`. */
export interface StatusEditorOptions {
  /** The user's current status. */
  readonly own: ReadonlySignal<StatusText>;
  readonly save: (change: Partial<StatusText>) => Promise<void>;
  readonly now?: () => number;
}

/** The status that is being edited. */
export class StatusEditorModel {
  readonly #options: StatusEditorOptions;
  readonly #now: () => number;
  readonly text: Signal<string> = signal("");
  readonly clearAfter: Signal<ClearAfter> = signal("never");
  readonly doNotDisturb: Signal<boolean> = signal(false);
  /** When the current text ends; null without an end or a text. */
  readonly endsAt: Signal<string | null> = signal(null);
  readonly submit: SubmitModel;
  /** Why the text cannot be saved, as a sentence for the user. */
  readonly problem: ReadonlySignal<string | null> = computed(() =>
    findStatusTextProblem(this.text.value.trim())
  );

  constructor(options: StatusEditorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.submit = new SubmitModel({ now: this.#now });
    this.open();
  }

  /** Starts with the current status. */
  open(): void {
    const own = this.#options.own.peek();
    const text = effectiveText(own, this.#now());
    batch(() => {
      this.text.value = text;
      this.endsAt.value = text === "" ? null : own.textUntil;
      this.clearAfter.value = this.endsAt.value === null ? "never" : "keep";
      this.doNotDisturb.value = own.doNotDisturb;
      this.submit.clear();
    });
  }

  /** Fills in a preset without saving it. */
  choose(preset: StatusPreset): void {
    batch(() => {
      this.text.value = preset.text;
      this.clearAfter.value = preset.clearAfter;
    });
  }

  /** Saves the status; resolves to true if the server accepted it. */
  save(): Promise<boolean> {
    if (this.problem.peek() !== null) return Promise.resolve(false);
    const text = this.text.peek().trim();
    const choice = this.clearAfter.peek();
    const textUntil = choice === "keep" ? this.endsAt.peek() : endOf(choice, this.#now());
    return this.#run({
      text,
      textUntil: text === "" ? null : textUntil,
      doNotDisturb: this.doNotDisturb.peek(),
    });
  }

  /** Removes the text only. */
  async clear(): Promise<boolean> {
    const isDone = await this.#run({ text: "", textUntil: null });
    if (isDone) {
      batch(() => {
        this.text.value = "";
        this.clearAfter.value = "never";
        this.endsAt.value = null;
      });
    }
    return isDone;
  }

  #run(change: Partial<StatusText>): Promise<boolean> {
    return this.submit.run(() => this.#options.save(change));
  }
}
