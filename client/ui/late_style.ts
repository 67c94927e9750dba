let loading: Promise<void> | null = null;

/** Waits for a part of the client and for its style sheet, so that it is never rendered without style. */
export async function withLateStyle<T>(part: Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([part, loading ??= fetchStyle()]);
  return loaded;
}

/** The page has the style sheet disabled, so that the first view does not fetch it. */
async function fetchStyle(): Promise<void> {
  const named = document.querySelector<HTMLLinkElement>("link[rel=stylesheet][disabled]");
  if (named === null) return;
  // A link element does not try again after a failure; a new one does.
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = named.href;
  try {
    await new Promise((resolve, reject) => {
      link.addEventListener("load", resolve);
      link.addEventListener("error", () => reject(new Error("The style sheet did not load")));
      named.replaceWith(link);
    });
  } catch (error) {
    link.replaceWith(named);
    loading = null;
    throw error;
  }
}
