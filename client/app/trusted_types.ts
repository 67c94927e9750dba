import { WORKER_PATH } from "../../shared/worker_build.ts";

/** The one policy of this client (W3C Trusted Types): scripts that are no page's are the two workers. */
interface ScriptPolicy {
  createScriptURL(url: string): unknown;
}

const FILES_WORKER_PATH = /\/files_worker-[A-Za-z0-9]+\.js$/;

let policy: ScriptPolicy | null = null;

function allowWorkers(url: string): string {
  const { origin, pathname } = new URL(url, location.href);
  const isOurs = pathname === WORKER_PATH || FILES_WORKER_PATH.test(pathname);
  if (origin !== location.origin || !isOurs) throw new TypeError("Not a script of ours");
  return url;
}

/** Browsers take the trusted object where the types say string. */
function trusted(url: string): string {
  const factory = (globalThis as {
    trustedTypes?: { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy };
  }).trustedTypes;
  const script = factory === undefined
    ? allowWorkers(url)
    : (policy ??= factory.createPolicy("parley", { createScriptURL: allowWorkers })).createScriptURL(url);
  return script as string;
}

/** Starts the worker that stores and hashes files; `folder` is where it stores them. */
export function openFilesWorker(url: string, folder: string): Worker {
  return new Worker(trusted(url), { type: "module", name: folder });
}

/** Registers the worker that keeps the app on the device; resolves when one is active. */
export async function registerServiceWorker(
  container: ServiceWorkerContainer,
): Promise<ServiceWorkerRegistration> {
  await container.register(trusted(WORKER_PATH), { updateViaCache: "none" });
  return await container.ready;
}
