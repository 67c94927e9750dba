/** Not in TypeScript's library: Chromium's on phones, where the network changes most. */
interface NavigatorWithConnection {
  readonly connection?: EventTarget;
}

/** Calls back when this device has changed its network, until the returned function is called. It is a hint only. */
export function followNetwork(page: Window, onChange: () => void): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  page.addEventListener("online", onChange, { signal });
  const { connection } = page.navigator as NavigatorWithConnection;
  connection?.addEventListener("typechange", onChange, { signal });
  return () => abort.abort();
}
