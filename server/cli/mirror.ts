import { resolve } from "node:path";
import { announce, complain } from "../log.ts";
import { isLoopback } from "../net/address.ts";
import { hostAndPort } from "./permissions.ts";

const USAGE = `Usage: deno task mirror URL DIR

URL is the https:// address of a Parley server, DIR the folder that a web server on this machine serves.`;

/** Starts the mirror with permission for one host and one folder, and keeps none itself. */
async function main([url = "", folder = "", ...more]: readonly string[]): Promise<void> {
  const origin = originOf(url);
  if (origin === null || folder === "" || more.length > 0) {
    complain(USAGE);
    Deno.exit(2);
  }
  const path = resolve(folder);
  await Deno.mkdir(path, { recursive: true });
  const worker = new Worker(new URL("./mirror_worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: { net: [hostAndPort(origin)], read: [path], write: [path] } },
  });
  worker.onmessage = async () => {
    // It has been loaded.
    for (const name of ["net", "read", "write"] as const) await Deno.permissions.revoke({ name });
    worker.postMessage({ origin, folder: path });
    announce(`Mirroring ${origin}/status in ${path}`);
  };
  worker.onerror = ({ message }) => {
    complain(`The mirror has ended: ${message}`);
    Deno.exit(1);
  };
}

/** What the server is reached by; null for anything but an origin that nobody on the way can change. */
function originOf(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.origin !== text.replace(/\/(?:status)?$/, "").toLowerCase()) return null;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return url.protocol === "https:" || url.protocol === "http:" && isLoopback(host) ? url.origin : null;
}

await main(Deno.args);
