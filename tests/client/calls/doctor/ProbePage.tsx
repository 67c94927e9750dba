import { probeServer } from "../../../../client/calls/doctor/server_probe.ts";
import type { ServerFinding } from "../../../../client/calls/doctor/findings.ts";

/** What the test of server probes calls from outside. Run in a browser by server_probe_test.ts. */
export interface ProbePage {
  probe(url: string, hasCredentials: boolean): Promise<ServerFinding>;
}

const page: ProbePage = {
  probe: (url, hasCredentials) =>
    probeServer({
      url,
      credentials: hasCredentials ? { username: "ana", credential: "secret" } : null,
      signal: new AbortController().signal,
    }),
};
Object.assign(globalThis, { probes: page });
