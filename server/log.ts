/** How much is written; each level includes those after it. */
export type LogLevel = "debug" | "info" | "warn" | "error";
/** One line of words, or one JSON object a line. */
export type LogFormat = "text" | "json";

/** What goes with a log line. Never put texts of people, tokens or codes here. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** How to make a log. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes the finished line; standard error by default. */
  readonly write?: (line: string) => void;
  readonly now?: () => number;
}

const WEIGHTS: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** The only way to the console. Control characters are escaped, so one call is one line whatever is in it. */
export class Log {
  readonly #minimum: number;
  readonly #format: LogFormat;
  readonly #write: (line: string) => void;
  readonly #now: () => number;

  /** Makes a log that writes what is at least `options.level`. */
  constructor(options: LogOptions) {
    this.#minimum = WEIGHTS[options.level];
    this.#format = options.format;
    this.#write = options.write ?? writeToStderr;
    this.#now = options.now ?? Date.now;
  }

  /** Steps that only matter while hunting a fault. */
  debug(message: string, fields: LogFields = {}): void {
    this.#log("debug", message, fields);
  }

  /** One line per change of the server's own life. */
  info(message: string, fields: LogFields = {}): void {
    this.#log("info", message, fields);
  }

  /** Something that an operator may want to change. */
  warn(message: string, fields: LogFields = {}): void {
    this.#log("warn", message, fields);
  }

  /** Something that is broken, with the error that shows where. */
  error(message: string, error?: unknown, fields: LogFields = {}): void {
    this.#log("error", message, error === undefined ? fields : { ...fields, error: describeError(error) });
  }

  /** Runs `work` and logs what it throws, for event handlers in which a throw would end the process. */
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

/** Says a line to the person who starts the server, on standard output. */
export function announce(line: string): void {
  console.log(line);
}

/** Says why the server does not start, in one line on standard error. */
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

/** Writes an error with its stack and what caused it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `, caused by ${describeError(error.cause)}`;
  return `${error.stack ?? `${error.name}: ${error.message}`}${cause}`;
}

// C0, DEL, C1, and what some viewers take for a line end or a change of direction.
// deno-lint-ignore no-control-regex
const UNSAFE_PATTERN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function escapeControls(text: string): string {
  return text.replace(UNSAFE_PATTERN, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
