import { describe, expect, it } from "vitest";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";
import { PASSWORD_HASH_QUEUE_COUNT } from "../../../shared/limits.ts";

/** Long enough that the queue is full while the right password comes in. */
const PASSWORD_COST = { logN: 15, r: 8, p: 1 } as const;
const ROUND_COUNT = 4;
const STRANGER_COUNT = 6;
const WRONG_PER_STRANGER_COUNT = 4;

describe("signing in", () => {
  it("works each time while 24 wrong passwords from six addresses are hashed", async () => {
    await using app = await testApp({ passwordCost: PASSWORD_COST });
    const { hasher } = app.services;
    const codes: unknown[] = [];
    for (let round = 0; round < ROUND_COUNT; round++) {
      const strangers = Array.from({ length: STRANGER_COUNT }, () => app.device().client("http"));
      const wrong = strangers.flatMap((client) =>
        Array.from({ length: WRONG_PER_STRANGER_COUNT }, (_, index) => {
          // Some for this very name: they do not keep its owner out.
          const name = index === 0 ? "Ana" : `Nobody ${index}`;
          return client.auth.signIn.mutate({ name, password: `wrong ${index}` }).catch((error) => error);
        })
      );
      await waitFor(() => hasher.waitingCount === PASSWORD_HASH_QUEUE_COUNT, { what: "the queue is full" });
      const owner = app.device().client("http");
      const signedIn = owner.auth.signIn.mutate({ name: "Ana", password: app.owner.password ?? "" });
      codes.push(await signedIn.then(({ name }) => name, (error) => error.data?.appCode));
      await Promise.all(wrong);
    }
    expect(codes).toEqual(Array(ROUND_COUNT).fill("Ana"));
  }, 60_000);
});
