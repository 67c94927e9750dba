import { Buffer } from "node:buffer";

/** Control characters with a short escape, such as `\n`; the others become `\u0001`. */
const SHORT_ESCAPES = new Set([..."\b\t\n\f\r"].map((character) => character.charCodeAt(0)));

/** Returns the bytes of plain data as JSON, without building the text, which would be garbage at once. */
export function jsonSize(value: unknown): number {
  switch (typeof value) {
    case "string":
      return textSize(value);
    case "number":
    case "boolean":
      return JSON.stringify(value).length;
    case "object":
      if (value === null) return 4;
      return Array.isArray(value) ? arraySize(value) : objectSize(value);
    default:
      return 0;
  }
}

function textSize(text: string): number {
  if (!text.isWellFormed()) return Buffer.byteLength(JSON.stringify(text));
  let size = Buffer.byteLength(text) + 2;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x5c) size++;
    else if (code < 0x20) size += SHORT_ESCAPES.has(code) ? 1 : 5;
  }
  return size;
}

function arraySize(items: readonly unknown[]): number {
  // In an array, what JSON cannot hold is null.
  return items.reduce<number>((size, item) => size + (jsonSize(item) || 4), Math.max(2, items.length + 1));
}

function objectSize(fields: object): number {
  let size = 2;
  let count = 0;
  for (const [name, value] of Object.entries(fields)) {
    const valueSize = jsonSize(value);
    if (valueSize === 0) continue;
    size += textSize(name) + 1 + valueSize;
    count++;
  }
  return size + Math.max(0, count - 1);
}
