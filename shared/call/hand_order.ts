import type { Participant } from "./call_types.ts";

/** The participants who have raised their hands, the first one first. The times are all of the server's clock. */
export function handOrder(participants: readonly Participant[]): Participant[] {
  const raised = participants.filter((one) => one.handSince !== null);
  return raised.toSorted((a, b) =>
    Date.parse(a.handSince ?? "") - Date.parse(b.handSince ?? "") || a.seq - b.seq
  );
}
