import { describe, expect, it } from "vitest";
import { HASHES_AT_ONCE_COUNT } from "../../../server/auth/password.ts";
import { PASSWORD_HASH_QUEUE_COUNT } from "../../../shared/limits.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import type { Client } from "../../support/test_clients.ts";
import { waitFor } from "../../support/wait.ts";

/** Slow enough that the queue is full when the correct password arrives. */
const PASSWORD_COST = { logN: 14, r: 8, p: 1 } as const;
const ROUND_COUNT = 4;
const STRANGER_COUNT = 6;
/** More than the queue holds: refused attempts are repeated, so that the queue stays full. */
const NAMES_PER_STRANGER_COUNT = 8;
const TRIES_PER_NAME_COUNT = 5;

const ADDRESS_COUNT = 20;
const TRIES_AT_ONCE_COUNT = 2;

/** The appCode of an error; undefined if the call succeeds. */
function failureCode(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(() => undefined, (error) => error.data?.appCode);
}

/** Tries wrong passwords for a name, one after the other, until the test ends. */
async function guess(client: Client, name: string, hasEnded: () => boolean): Promise<void> {
  for (let count = 0; count < TRIES_PER_NAME_COUNT && !hasEnded(); count++) {
    await client.auth.signIn.mutate({ name, password: `wrong ${count}` }).catch(() => {});
  }
}

/** Counts wrong passwords, and how many of them were served between the coming of a right one and its turn. */
function watchHashes({ services: { hasher } }: TestApp) {
  const verify = hasher.verify.bind(hasher);
  const served = { wrongCount: 0, waits: [] as number[] };
  hasher.verify = async (...args) => {
    const countBefore = served.wrongCount;
    const isRight = await verify(...args);
    if (isRight) served.waits.push(served.wrongCount - countBefore);
    else served.wrongCount++;
    return isRight;
  };
  return served;
}

describe("signing in", () => {
  it("works each time while wrong passwords from six addresses fill the queue of hashes", async () => {
    await using app = await testApp({ passwordCost: PASSWORD_COST });
    const { hasher } = app.services;
    const answers: unknown[] = [];
    for (let round = 0; round < ROUND_COUNT; round++) {
      let hasEnded = false;
      const guesses = Array.from({ length: STRANGER_COUNT }, () => app.device().client("http")).flatMap(
        (client) =>
          Array.from({ length: NAMES_PER_STRANGER_COUNT }, (_, index) => {
            // Some use Ana's own name, which must not lock her out.
            return guess(client, index === 0 ? "Ana" : `Nobody ${index}`, () => hasEnded);
          }),
      );
      await waitFor(() => hasher.waitingCount === PASSWORD_HASH_QUEUE_COUNT, { what: "the queue is full" });
      const owner = app.device().client("http");
      const signedIn = owner.auth.signIn.mutate({ name: "Ana", password: app.owner.password ?? "" });
      answers.push(await failureCode(signedIn) ?? "Ana");
      hasEnded = true;
      await Promise.all(guesses);
    }
    expect(answers).toEqual(Array(ROUND_COUNT).fill("Ana"));
  }, 60_000);

  it("works from a new address during a flood of wrong passwords from twenty addresses", async () => {
    await using app = await testApp({ passwordCost: PASSWORD_COST });
    const { hasher } = app.services;
    const served = watchHashes(app);
    let hasEnded = false;
    const guessOn = async (client: Client, first: number) => {
      for (let index = first; !hasEnded; index += TRIES_AT_ONCE_COUNT) {
        await failureCode(client.auth.signIn.mutate({ name: `Nobody ${index}`, password: "wrong" }));
      }
    };
    const strangers = Array.from({ length: ADDRESS_COUNT }, () => app.device().client("http"));
    const guesses = strangers.flatMap((client) =>
      Array.from({ length: TRIES_AT_ONCE_COUNT }, (_, first) => guessOn(client, first))
    );
    const answers: unknown[] = [];
    const signIn = async () => {
      const owner = app.device().client("http");
      const signedIn = owner.auth.signIn.mutate({ name: "Ana", password: app.owner.password ?? "" });
      answers.push(await failureCode(signedIn) ?? "Ana");
    };
    // First among equals: nothing is known of anybody yet.
    await waitFor(() => hasher.waitingCount >= ADDRESS_COUNT, { what: "all addresses wait" });
    await signIn();
    await waitFor(() => served.wrongCount >= 6 * ADDRESS_COUNT, { what: "each has sent several" });
    for (let round = 0; round < ROUND_COUNT; round++) await signIn();
    hasEnded = true;
    await Promise.all(guesses);
    expect(answers).toEqual(Array(1 + ROUND_COUNT).fill("Ana"));
    // No more than what had begun, and one of the suspects.
    expect(Math.max(...served.waits.slice(1))).toBeLessThanOrEqual(HASHES_AT_ONCE_COUNT + 1);
  }, 60_000);
});
