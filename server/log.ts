/** The least important lines to write; each level includes those after it. */
export type LogLevel = "debug" | "info" | "warn" | "error";
/** Plain text, or one JSON object per line. */
export type LogFormat = "text" | "json";

/** Details of a log line. Never include people's texts, tokens or codes. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Receives each finished line; standard error by default. */
  readonly write?: (line: string) => void;
  readonly now?: () => number;
}

const WEIGHTS: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** The only way to the console. Control characters are escaped, so each call writes exactly one line. */
export class Log {
  readonly #minimum: number;
  readonly #format: LogFormat;
  readonly #write: (line: string) => void;
  readonly #now: () => number;

  /** Writes lines of at least `options.level`. */
  constructor(options: LogOptions) {
    this.#minimum = WEIGHTS[options.level];
    this.#format = options.format;
    this.#write = options.write ?? writeToStderr;
    this.#now = options.now ?? Date.now;
  }

  /** Details for debugging. */
  debug(message: string, fields: LogFields = {}): void {
    this.#log("debug", message, fields);
  }

  /** Changes in the server's own life cycle. */
  info(message: string, fields: LogFields = {}): void {
    this.#log("info", message, fields);
  }

  /** Something the operator may want to change. */
  warn(message: string, fields: LogFields = {}): void {
    this.#log("warn", message, fields);
  }

  /** Something is broken; `error` shows where. */
  error(message: string, error?: unknown, fields: LogFields = {}): void {
    this.#log("error", message, error === undefined ? fields : { ...fields, error: describeError(error) });
  }

  /** Runs `work` and logs what it throws, for event handlers where an exception would end the process. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.error("An event handler failed", error);
    }
  }

  #log(level: LogLevel, message: string, fields: LogFields): void {
    if (WEIGHTS[level] < this.#minimum) return;
    const at = new Date(this.#now()).toISOString();
    this.#write(
      this.#format === "json"
        ? escapeControls(JSON.stringify({ at, level, message, ...fields }))
        : `${at} ${level.padEnd(5)} ${escapeControls(message)}${formatFields(fields)}`,
    );
  }
}

/** Prints a line on standard output for the person who starts the server. */
export function announce(line: string): void {
  console.log(line);
}

/** Prints on standard error, in one line, why the server does not start. */
export function complain(line: string): void {
  console.error(line);
}

function writeToStderr(line: string): void {
  console.error(line);
}

function formatFields(fields: LogFields): string {
  let text = "";
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) text += ` ${key}=${escapeControls(JSON.stringify(value))}`;
  }
  return text;
}

/** Formats an error with its stack and causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `, caused by ${describeError(error.cause)}`;
  return `${error.stack ?? `${error.name}: ${error.message}`}${cause}`;
}

// C0, DEL, C1, and characters that some viewers treat as line breaks or changes of direction.
// deno-lint-ignore no-control-regex
const UNSAFE_PATTERN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function escapeControls(text: string): string {
  return text.replace(UNSAFE_PATTERN, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
