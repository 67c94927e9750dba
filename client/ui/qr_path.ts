import "../base.ts";
import { generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";

/** A QR code as an SVG path, and the number of modules on a side. */
export interface QrPath {
  readonly size: number;
  readonly path: string;
}

/** Encodes a text; imported dynamically. */
export function encodeQr(text: string): QrPath {
  const bitmap = generate(text);
  return { size: bitmap.size, path: toSvgPath(bitmap) };
}
