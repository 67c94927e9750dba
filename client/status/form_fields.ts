import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Texts of fields, by their names. */
export type FieldTexts = Readonly<Record<string, string>>;

/** What somebody has typed into a form; it stays until it is published. */
export class FormFields {
  #initial: FieldTexts = {};
  readonly #texts = signal<FieldTexts>({});

  readonly texts: ReadonlySignal<FieldTexts> = this.#texts;

  /** Returns the text of a field. */
  get(name: string): string {
    return this.#texts.value[name] ?? this.#initial[name] ?? "";
  }

  /** Replaces what fields have that nobody has typed into. */
  begin(initial: FieldTexts): void {
    this.#initial = initial;
  }

  set(name: string, text: string): void {
    this.#texts.value = { ...this.#texts.peek(), [name]: text };
  }

  /** Replaces several fields, as a template does. */
  fill(texts: FieldTexts): void {
    this.#texts.value = { ...this.#texts.peek(), ...texts };
  }

  clear(): void {
    this.#texts.value = {};
  }
}
