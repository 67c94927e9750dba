/** Where Debian's package `libfaketime` puts the library, by architecture. */
const LIBRARIES = ["x86_64", "aarch64"].map((machine) =>
  `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`
);

/** Finds libfaketime; null where it is not installed. */
export async function findFaketime(): Promise<string | null> {
  for (const path of LIBRARIES) {
    if (await Deno.stat(path).then((info) => info.isFile, () => false)) return path;
  }
  return null;
}

/** The wall clock of one process, which can be set while it runs; its monotonic clock goes on. */
export class FakeClock {
  /** Variables of the process that lives by this clock. */
  readonly env: Record<string, string>;
  readonly #path: string;

  private constructor(library: string, path: string) {
    this.#path = path;
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    };
  }

  /** Makes a clock that is right, set by a file at `path`. */
  static async create(library: string, path: string): Promise<FakeClock> {
    const clock = new FakeClock(library, path);
    await clock.set(0);
    return clock;
  }

  /** Sets how many seconds it is ahead; the process notices within a second. */
  async set(aheadSeconds: number): Promise<void> {
    await Deno.writeTextFile(
      `${this.#path}.next`,
      `${aheadSeconds < 0 ? "-" : "+"}${Math.abs(aheadSeconds)}\n`,
    );
    await Deno.rename(`${this.#path}.next`, this.#path);
  }
}
