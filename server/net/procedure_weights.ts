/** Calls that do much more work than others, and how many simple calls each counts as. */
const WEIGHTS: ReadonlyMap<string, number> = new Map([
  ["messages.list", 16],
  ["messages.since", 16],
  ["messages.at", 4],
  ["messages.onEvent", 16],
  ["rooms.browse", 8],
  ["rooms.list", 8],
  ["rooms.members", 4],
  ["rooms.onChange", 16],
  ["calls.onSignal", 16],
  ["calls.poll", 4],
  ["presence.onPresence", 4],
  ["push.subscribe", 4],
  ["settings.set", 4],
  ["status.announce", 8],
  ["status.current", 4],
  ["status.onChange", 4],
  ["status.drafts", 16],
  ["status.editUpdate", 8],
  ["status.openIncident", 8],
  ["status.planMaintenance", 8],
  ["status.preview", 8],
  ["status.settings", 8],
  ["status.updateIncident", 8],
  ["status.updateMaintenance", 8],
  ["users.list", 4],
]);

/** Returns how many simple calls a call counts as while it runs. */
export function weightOf(path: string): number {
  return WEIGHTS.get(path) ?? 1;
}
