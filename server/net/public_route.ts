/** The public status, which pages of all origins may read. */
const PUBLIC_PATTERN = /^\/(?:status(?:\.md)?|api\/v2)(?:[/?]|$)/;
const STREAM_PATTERN = /^\/status\/events(?:\?|$)/;
/** Routes whose readers expect JSON, also of a failure. */
const JSON_PATTERN = /^(?:(?:\/status)?\/api\/v2(?:[/?]|$)|\/status\/[^/?]*\.json(?:\?|$))/;

/** Other origins may read all of this: it is public, and no cookie is looked at. */
export const OPEN_HEADERS = {
  "Access-Control-Allow-Origin": "*",
  "Cross-Origin-Resource-Policy": "cross-origin",
} as const;

/** Whether a request target belongs to the public status. */
export function isPublicRoute(target: string): boolean {
  return PUBLIC_PATTERN.test(target);
}

/** Whether a request target is the stream of public events. */
export function isPublicStream(target: string): boolean {
  return STREAM_PATTERN.test(target);
}

/** Whether readers of this request target expect JSON. */
export function isPublicJson(target: string): boolean {
  return JSON_PATTERN.test(target);
}

/** What a public route answers instead of its content: JSON to readers of JSON, else a line of text. */
export function publicFailure(
  target: string,
  message: string,
): { readonly headers: Record<string, string>; readonly body: string } {
  const isJson = isPublicJson(target);
  return {
    headers: {
      ...OPEN_HEADERS,
      // Otherwise pages of other origins could not see it.
      "Access-Control-Expose-Headers": "Retry-After",
      "Cache-Control": "no-store",
      "Content-Type": `${isJson ? "application/json" : "text/plain"}; charset=utf-8`,
    },
    body: isJson ? JSON.stringify({ error: message }) : `${message}\n`,
  };
}
