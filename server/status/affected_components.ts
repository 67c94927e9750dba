import type { AffectedComponent, StateChange } from "../../shared/status/status.ts";

/** Says of components that they work. */
export function operational(components: readonly AffectedComponent[]): AffectedComponent[] {
  return components.map(({ id }) => ({ id, status: "operational" }));
}

/** Replaces the states of those components that are named again. */
export function merged(
  before: readonly AffectedComponent[],
  wanted: readonly AffectedComponent[],
): AffectedComponent[] {
  const states = new Map([...before, ...wanted].map(({ id, status }) => [id, status]));
  return [...states].map(([id, status]) => ({ id, status }));
}

/** Lists the components whose state is another one. */
export function changesOf(
  before: readonly AffectedComponent[],
  after: readonly AffectedComponent[],
): StateChange[] {
  const states = new Map(before.map(({ id, status }) => [id, status]));
  return after.flatMap(({ id, status: to }) => {
    const from = states.get(id) ?? "operational";
    return from === to ? [] : [{ id, from, to }];
  });
}
