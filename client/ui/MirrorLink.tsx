import type { JSX } from "preact";

/** Returns the address of the copy of the status page, which the page of the app names; null if there is none. */
export function findMirror(page: Pick<Document, "querySelector"> = document): URL | null {
  const address = page.querySelector<HTMLMetaElement>('meta[name="status-mirror"]')?.content ?? "";
  return /^https?:/.test(address) && URL.canParse(address) ? new URL(address) : null;
}

/** Leads to the copy of the status page, for when this server cannot be reached; nothing if there is none. */
export function MirrorLink(): JSX.Element | null {
  const mirror = findMirror();
  if (mirror === null) return null;
  return (
    <>
      Status: <a href={mirror.href} target="_blank" rel="noopener">{mirror.host}</a>.
    </>
  );
}
