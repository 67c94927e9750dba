/** The parts of Deno's standard library that are used: its package for npm comes without types. */
declare module "@std/http/etag.js" {
  /** Says whether a body has to be sent: false when `If-None-Match` names the ETag (RFC 9110 §13.1.2). */
  export function ifNoneMatch(value: string | null, etag: string | undefined): boolean;
}
