/** Types for the parts of Deno's standard library that we use; its npm package has none. */
declare module "@std/http/etag.js" {
  /** Whether a body must be sent: false if `If-None-Match` contains the ETag (RFC 9110 §13.1.2). */
  export function ifNoneMatch(value: string | null, etag: string | undefined): boolean;
}
