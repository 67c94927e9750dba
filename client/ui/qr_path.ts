import "../base.ts";
import { generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";

/** A picture of dark squares: an SVG path, and how many of them a side has. */
export interface QrPath {
  readonly size: number;
  readonly path: string;
}

/** Encodes a text. A module of its own, to be imported dynamically. */
export function encodeQr(text: string): QrPath {
  const bitmap = generate(text);
  return { size: bitmap.size, path: toSvgPath(bitmap) };
}
