import { ADDRESS_FIELDS } from "../../shared/signal.ts";
import type { Signal } from "../../shared/signal.ts";
import type { SignalRow } from "./feed.ts";

/** Returns the row that carries a signal to other instances. */
export function toRow(signal: Signal, to: unknown, value: unknown): SignalRow {
  const { kind: type, audience } = signal;
  const field = ADDRESS_FIELDS[audience];
  if (audience === "instances") return { type, ...value as object };
  return field === null ? { type, to, update: value } : { type, [field]: to, ...value as object };
}

/** Restores the recipient and the value from a row. */
export function fromRow(
  { audience }: Signal,
  { type: _, ...row }: SignalRow,
): { to: unknown; value: unknown } {
  if (audience === "instances") return { to: null, value: row };
  const field = ADDRESS_FIELDS[audience];
  if (field === null) return { to: row.to, value: row.update };
  const { [field]: to, ...value } = row;
  return { to, value };
}
