import { openLinkPair } from "../client/calls/files/link_pages.ts";
import { openBareCall } from "../support/bare_call.ts";
import type { TestBrowser } from "../support/browser.ts";
import { waitFor } from "../support/wait.ts";

const ROUNDS = 3;
/** The size of a file that is passed. */
export const FILE_BYTES = 50 * 1024 * 1024;

/** Bytes a second. */
export interface FileRates {
  /** Over a data channel between two bare connections. */
  readonly bare: readonly number[];
  /** Of a file that is hashed, stored and compared. */
  readonly files: readonly number[];
}

/** Passes a file several times, and as many bytes over a bare channel in turn. */
export async function fileRates(browser: TestBrowser): Promise<FileRates> {
  await using bareCall = await openBareCall();
  await using pair = await openLinkPair(browser);
  const rates = { bare: [] as number[], files: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.bare.push(await bareCall.sendData(FILE_BYTES));
    const fileId = await pair.ana.offer(`round ${round}.bin`, FILE_BYTES);
    // The sender hashes while the other person decides.
    await waitFor(async () => (await pair.ana.outgoing(fileId))?.hash, { timeoutMs: 60_000 });
    await pair.bo.reaches(fileId, "offered");
    rates.files.push(await pair.bo.acceptTimed(fileId, FILE_BYTES));
    await pair.bo.reaches(fileId, "done");
  }
  return rates;
}
