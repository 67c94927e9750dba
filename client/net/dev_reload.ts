// Only in development: swaps a style sheet or reloads the page when the server requests it.

const events = new EventSource("/dev/events");
let version: string | null = null;

events.addEventListener("version", (event: MessageEvent<string>) => {
  // After a restart of the server, the page may be outdated.
  if (version !== null && version !== event.data) location.reload();
  version = event.data;
});

events.addEventListener("css", (event: MessageEvent<string>) => {
  for (const path of event.data.split(" ")) swapStyle(path);
});

events.addEventListener("reload", () => location.reload());

function swapStyle(path: string): void {
  const links = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")];
  const { href } = new URL(path, location.href);
  const old = links.find((link) => nameOf(link.href) === nameOf(href));
  if (old === undefined) return location.reload();
  if (old.href === href) return;
  // A disabled style sheet will be fetched later, and is then the new one.
  if (old.disabled) old.href = href;
  else {
    const next = document.createElement("link");
    next.rel = "stylesheet";
    next.href = href;
    // The old style sheet stays until the new one is loaded, or the page would flash.
    next.addEventListener("load", () => old.remove());
    old.after(next);
  }
}

/** Returns the name of a file without its hash. */
function nameOf(href: string): string {
  return href.replace(/-[\w-]{16}\.css$/, "");
}
