// Below the ports that systems use for outgoing connections (32768 on Linux, 49152 elsewhere): one of those could
// take a port after it was found free.
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;
const TRIES_COUNT = 100;

/** Finds a free port of 127.0.0.1, for programs that need a fixed one. */
export function freePort(): number {
  for (let tries = 0; tries < TRIES_COUNT; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(`No free port between ${FIRST_PORT} and ${LAST_PORT}`);
}
