import { httpCall } from "./http_call.ts";
import { browserFetch } from "./browser_platform.ts";

/** Sends a mutation that outlives the page; nobody is there any more to read the answer. */
export function sendLast(baseUrl: string, path: string, input: unknown): void {
  const call = httpCall(`${baseUrl}/trpc`, (url, init) => browserFetch(url, { ...init, keepalive: true }));
  call({ type: "mutation", path, input }).catch(() => {});
}
