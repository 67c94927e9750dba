import { describe, expect, it } from "vitest";
import { PASSWORD_HASH_QUEUE_COUNT } from "../../../shared/limits.ts";
import { testApp } from "../../support/test_app.ts";
import type { Client } from "../../support/test_clients.ts";
import { waitFor } from "../../support/wait.ts";

/** Long enough that the queue is full while the right password comes in. */
const PASSWORD_COST = { logN: 15, r: 8, p: 1 } as const;
const ROUND_COUNT = 4;
const STRANGER_COUNT = 6;
/** More than places in all: those that are refused come again, so that the queue stays full. */
const NAMES_PER_STRANGER_COUNT = 8;
const TRIES_PER_NAME_COUNT = 5;

/** Tries wrong passwords for a name, one after the other, until there is nothing to fill any more. */
async function guess(client: Client, name: string, hasEnded: () => boolean): Promise<void> {
  for (let count = 0; count < TRIES_PER_NAME_COUNT && !hasEnded(); count++) {
    await client.auth.signIn.mutate({ name, password: `wrong ${count}` }).catch(() => {});
  }
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
            // Some for this very name: they do not keep its owner out.
            return guess(client, index === 0 ? "Ana" : `Nobody ${index}`, () => hasEnded);
          }),
      );
      await waitFor(() => hasher.waitingCount === PASSWORD_HASH_QUEUE_COUNT, { what: "the queue is full" });
      const owner = app.device().client("http");
      const signedIn = owner.auth.signIn.mutate({ name: "Ana", password: app.owner.password ?? "" });
      answers.push(await signedIn.then(({ name }) => name, (error) => error.data?.appCode));
      hasEnded = true;
      await Promise.all(guesses);
    }
    expect(answers).toEqual(Array(ROUND_COUNT).fill("Ana"));
  }, 60_000);
});
