import type { ConfigVariable } from "./config.ts";

/** An invalid variable; the message is a single line for the operator. */
export class ConfigError extends Error {
  constructor(variable: ConfigVariable, value: string, allowed: string) {
    super(`${variable} is ${JSON.stringify(value)}, but must be ${allowed}`);
    this.name = "ConfigError";
  }
}

/** Whether a value can be a secret: long enough, and the same in every file and header. */
export function isSecret(value: string, minCharacters: number): boolean {
  return value.length >= minCharacters && /^[\x21-\x7e]+$/.test(value);
}

/** Says what `isSecret` asks for. */
export function secretForm(minCharacters: number): string {
  return `at least ${minCharacters} printable ASCII characters without spaces`;
}
