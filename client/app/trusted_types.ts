/** The one policy of this client (W3C Trusted Types): a script that is no page's is the worker for files. */
interface ScriptPolicy {
  createScriptURL(url: string): unknown;
}

const WORKER_PATH = /\/files_worker-[A-Za-z0-9]+\.js$/;

let policy: ScriptPolicy | null = null;

function allowWorker(url: string): string {
  const { origin, pathname } = new URL(url, location.href);
  if (origin !== location.origin || !WORKER_PATH.test(pathname)) throw new TypeError("Not a script of ours");
  return url;
}

/** Starts the worker that stores and hashes files; `folder` is where it stores them. */
export function openFilesWorker(url: string, folder: string): Worker {
  const factory = (globalThis as {
    trustedTypes?: { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy };
  }).trustedTypes;
  const script = factory === undefined
    ? allowWorker(url)
    : (policy ??= factory.createPolicy("parley", { createScriptURL: allowWorker })).createScriptURL(url);
  // Browsers take the trusted object where the types say string.
  return new Worker(script as string, { type: "module", name: folder });
}
