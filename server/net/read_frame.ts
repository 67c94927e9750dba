import type { Buffer } from "node:buffer";

/** Reads the JSON of a frame; null for what is none, pings of the stock client among it. */
export function readFrame(data: Buffer, isBinary: boolean): { readonly value: unknown } | null {
  if (isBinary) return null;
  try {
    return { value: JSON.parse(data.toString("utf8")) };
  } catch {
    return null;
  }
}

/** True for what the stock client sends to see whether anybody is there; tRPC answers it, whatever came before. */
export function isPing(data: Buffer, isBinary: boolean): boolean {
  if (isBinary || data.length !== 4) return false;
  const text = data.toString("latin1");
  return text === "PING" || text === "PONG";
}
