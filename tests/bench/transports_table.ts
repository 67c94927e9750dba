/** What a transport costs at one rate of messages. Bytes and CPU are shares of one of those in the room. */
export interface Costs {
  readonly requestsPerMinute: number;
  readonly bytesPerMessage: number;
  readonly cpuMicrosPerMessage: number;
  /** From sending until another person has it. */
  readonly delayMs: { readonly p50: number; readonly p99: number };
}

/** What was measured of one transport. */
export interface Figures {
  readonly name: string;
  readonly idle: { readonly requestsPerMinute: number; readonly bytesPerMinute: number };
  /** At one message a minute. */
  readonly quiet: Costs;
  /** At 20 messages a minute. */
  readonly busy: Costs;
}

const ROWS: readonly (readonly [title: string, read: (figures: Figures) => string])[] = [
  ["until others have it, p50", ({ busy }) => formatMs(busy.delayMs.p50)],
  ["until others have it, p99", ({ busy }) => formatMs(busy.delayMs.p99)],
  ["bytes of a message, 20 a minute", ({ busy }) => formatCount(busy.bytesPerMessage)],
  ["bytes of a message, 1 a minute", ({ quiet }) => formatCount(quiet.bytesPerMessage)],
  ["server CPU of a message, 20 a minute", ({ busy }) => formatMs(busy.cpuMicrosPerMessage / 1_000)],
  ["server CPU of a message, 1 a minute", ({ quiet }) => formatMs(quiet.cpuMicrosPerMessage / 1_000)],
  ["requests a minute, idle", ({ idle }) => formatCount(idle.requestsPerMinute)],
  ["requests a minute, 1 message a minute", ({ quiet }) => formatCount(quiet.requestsPerMinute)],
  ["requests a minute, 20 messages a minute", ({ busy }) => formatCount(busy.requestsPerMinute)],
  ["bytes a minute, idle", ({ idle }) => formatCount(idle.bytesPerMinute)],
];

/** Rows of the table, the names of the transports first. */
export function tabulateTransports(figures: readonly Figures[]): string[][] {
  return [
    ["", ...figures.map(({ name }) => name)],
    ...ROWS.map(([title, read]) => [title, ...figures.map(read)]),
  ];
}

/** Milliseconds with two digits at most: "0.18 ms", "4.2 ms", "2,964 ms". */
export function formatMs(ms: number): string {
  const digits = ms < 1 ? 2 : ms < 10 ? 1 : 0;
  return `${formatNumber(ms, digits)} ms`;
}

/** A count without needless digits: "0", "0.4", "32", "1,204". */
export function formatCount(count: number): string {
  return formatNumber(count, count > 0 && count < 9.95 ? 1 : 0);
}

function formatNumber(value: number, digits: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
