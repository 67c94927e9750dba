import * as v from "valibot";
import { timeWords } from "../../../shared/status/times.ts";
import { EN } from "../../../shared/status/words_en.ts";
import { ANSWER_PATHS, copiedAnswersSchema, withoutExpired } from "./copied_answers.ts";
import type { CopiedAnswers } from "./copied_answers.ts";
import { copyFiles, CopyFolder, LAST_FILE } from "./copy_folder.ts";

/** Of one answer. Ours have a tenth of it. */
const ANSWER_MAX_BYTES = 2 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** An answer that is older comes from a cache, whatever serves it, and says nothing about now. */
const FRESH_MS = 5 * 60_000;

const lastSchema = v.object({ at: v.number(), answers: copiedAnswersSchema });

/** The last answers, and when they came, in epoch ms. */
type Last = v.InferOutput<typeof lastSchema>;

export interface StatusMirrorOptions {
  /** Origin of the server. */
  readonly origin: string;
  /** Where the copy is written. */
  readonly folder: string;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Keeps a copy of a status page on another machine, which says so when the page cannot be reached. */
export class StatusMirror {
  readonly #options: StatusMirrorOptions;
  readonly #folder: CopyFolder;
  #last: Last | null = null;
  #isLoaded = false;

  constructor(options: StatusMirrorOptions) {
    this.#options = options;
    this.#folder = new CopyFolder(options.folder);
  }

  /** Fetches and writes once. Returns why the page could not be reached, or null. */
  async round(): Promise<string | null> {
    const { origin, now } = this.#options;
    if (!this.#isLoaded) this.#last = await this.#readLast();
    this.#isLoaded = true;
    let problem: string | null = null;
    try {
      const answers = await this.#fetchAll();
      const ageMs = now() - Date.parse(answers.summary.page.updated_at);
      if (Math.abs(ageMs) > FRESH_MS) throw new Error("What it answers is old");
      this.#last = { at: now(), answers };
      await this.#folder.write(new Map([[LAST_FILE, JSON.stringify(this.#last)]]));
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    const { answers: last, at } = this.#last ?? { answers: nothingKnown(origin, now()), at: now() };
    const answers = withoutExpired(last, now());
    const since = timeWords(new Date(at).toISOString(), EN.locale, "UTC");
    const unknownBecause = problem === null ? null : `Unreachable since ${since}.`;
    await this.#folder.write(copyFiles({ answers, origin, unknownBecause, now: now() }));
    return problem;
  }

  async #readLast(): Promise<Last | null> {
    const text = await this.#folder.read(LAST_FILE);
    const read = text === null ? null : v.safeParse(lastSchema, parse(text));
    return read?.success === true ? read.output : null;
  }

  async #fetchAll(): Promise<CopiedAnswers> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const found: Record<string, unknown> = {};
    for (const [name, path] of Object.entries(ANSWER_PATHS)) found[name] = await this.#fetch(path, signal);
    const read = v.safeParse(copiedAnswersSchema, found);
    if (!read.success) throw new Error("What it answers is no status");
    return read.output;
  }

  async #fetch(path: string, signal: AbortSignal): Promise<unknown> {
    // If somebody takes over the domain, they must not send us to another server.
    const response = await fetch(`${this.#options.origin}/${path}`, { signal, redirect: "error" });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`It answers ${response.status}`);
    }
    return parse(await readText(response));
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    // Leaving the loop cancels the rest.
    if (sizeBytes > ANSWER_MAX_BYTES) throw new Error("Its answer is too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** For a mirror that has never reached the page. */
function nothingKnown(origin: string, now: number): CopiedAnswers {
  const page = {
    id: "parley-status",
    name: new URL(origin).host,
    url: `${origin}/status`,
    time_zone: "Etc/UTC",
    updated_at: new Date(now).toISOString(),
  };
  return {
    summary: {
      page,
      components: [],
      incidents: [],
      scheduled_maintenances: [],
      status: {
        indicator: "minor",
        description: "Minor Service Outage",
        x_status: "unknown",
        x_sentence: "Nothing is known.",
      },
      x_announcements: [],
    },
    incidents: { page, incidents: [] },
    maintenances: { page, scheduled_maintenances: [] },
  };
}
