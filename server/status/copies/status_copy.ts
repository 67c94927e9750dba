import * as v from "valibot";
import type { Log } from "../../log.ts";
import type { StatusAnswers } from "../status_answers.ts";
import type { StatusBoard } from "../status_board.ts";
import { STATUSPAGE_ANSWERS } from "../statuspage_json.ts";
import type { StatuspageSource } from "../statuspage_json.ts";
import { copiedAnswersSchema } from "./copied_answers.ts";
import type { CopiedAnswers } from "./copied_answers.ts";
import { copyFiles, CopyFolder, LAST_FILE } from "./copy_folder.ts";
import { lastKnownText, parseLastKnown } from "./last_known.ts";
import type { LastKnown } from "./last_known.ts";

/** Where nothing changes, the copy says this often that it is from now. */
const REWRITE_MS = 60_000;

export interface StatusCopyOptions {
  readonly folder: string;
  readonly answers: StatusAnswers;
  readonly board: StatusBoard;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/**
 * Writes the last known state, for any web server to show when this one is gone. Everything in it is unknown, since
 * nobody can take it back.
 */
export class StatusCopy {
  readonly #options: StatusCopyOptions;
  readonly #folder: CopyFolder;
  #known = "";
  #writtenAt = -Infinity;
  #hasFailed = false;

  constructor(options: StatusCopyOptions) {
    this.#options = options;
    this.#folder = new CopyFolder(options.folder);
  }

  /** Writes the copy if something has changed, or a minute after the last time. */
  async update(): Promise<void> {
    const { answers, board, folder, log, now } = this.#options;
    const source = answers.source();
    const { sentence, incidents, maintenances, announcements, components } = source.status;
    const states = components.map(({ id, name, state }) => [id, name, state]);
    const known = JSON.stringify([sentence, incidents, maintenances, announcements, states]);
    if (known === this.#known && Math.abs(now() - this.#writtenAt) < REWRITE_MS) return;
    try {
      const unknownBecause = "The server does not answer.";
      const copied = copiedAnswers(source);
      const files = copyFiles({ answers: copied, origin: source.url, unknownBecause, now: now() });
      await this.#folder.write(new Map([[LAST_FILE, lastKnownText(board)], ...files]));
      this.#known = known;
      this.#writtenAt = now();
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) {
        log.warn("Cannot write the copy of the status page", { folder, reason: String(error) });
      }
      this.#hasFailed = true;
    }
  }
}

/** Reads what an earlier life wrote; null if there is nothing that can be used. */
export async function readLastKnown(folder: string): Promise<LastKnown | null> {
  const text = await new CopyFolder(folder).read(LAST_FILE);
  return text === null ? null : parseLastKnown(text);
}

function copiedAnswers(source: StatuspageSource): CopiedAnswers {
  const answer = (path: string) => STATUSPAGE_ANSWERS[path]?.(source);
  return v.parse(copiedAnswersSchema, {
    summary: answer("summary.json"),
    incidents: answer("incidents.json"),
    maintenances: answer("scheduled-maintenances.json"),
  });
}
