// Part of the page only while developing: swaps the style sheet or reloads when the server says so.

const events = new EventSource("/dev/events");
let version: string | null = null;

events.addEventListener("version", (event: MessageEvent<string>) => {
  // After a restart of the server the page may be older than what it serves now.
  if (version !== null && version !== event.data) location.reload();
  version = event.data;
});

events.addEventListener("css", (event: MessageEvent<string>) => {
  const old = document.querySelector('link[rel="stylesheet"]');
  if (old === null) return location.reload();
  const next = document.createElement("link");
  next.rel = "stylesheet";
  next.href = event.data;
  // The old sheet stays until the new one is there, or the page would flash.
  next.addEventListener("load", () => old.remove());
  old.after(next);
});

events.addEventListener("reload", () => location.reload());
