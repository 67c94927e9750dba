let loading: Promise<void> | null = null;

/** Waits for a part of the client and for the style sheet of such parts, so that none is ever drawn without it. */
export async function withLateStyle<T>(part: Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([part, loading ??= fetchStyle()]);
  return loaded;
}

/** The page names the sheet but leaves it switched off, so that it is not fetched with the first view. */
async function fetchStyle(): Promise<void> {
  const named = document.querySelector<HTMLLinkElement>("link[rel=stylesheet][disabled]");
  if (named === null) return;
  // A link that has failed once does not try again; a new one does.
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
