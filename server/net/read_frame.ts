import type { Buffer } from "node:buffer";

/** Parses the JSON of a frame; null if it is not JSON, for example a ping of the stock client. */
export function readFrame(data: Buffer, isBinary: boolean): { readonly value: unknown } | null {
  if (isBinary) return null;
  try {
    return { value: JSON.parse(data.toString("utf8")) };
  } catch {
    return null;
  }
}

/** Whether this is a keep-alive message of the stock client. tRPC answers it at any time. */
export function isPing(data: Buffer, isBinary: boolean): boolean {
  if (isBinary || data.length !== 4) return false;
  const text = data.toString("latin1");
  return text === "PING" || text === "PONG";
}
