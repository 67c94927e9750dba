import { MEASURED_STATES } from "../../shared/status/states.ts";
import type { MeasuredState } from "../../shared/status/states.ts";
import type { AffectedComponent } from "../../shared/status/status.ts";
import type { FormFields } from "./form_fields.ts";

/** A component that a form can name. */
export interface NamedComponent {
  readonly id: string;
  readonly name: string;
}

/** Name of the field with the state of a component. */
export function claimField(id: string): string {
  return `component ${id}`;
}

/** Reads the states that differ from what was claimed before; without a claim a component works. */
export function readClaims(
  form: FormFields,
  components: readonly NamedComponent[],
  before: readonly AffectedComponent[] = [],
): AffectedComponent[] {
  const claimed = new Map(before.map(({ id, status }) => [id, status]));
  return components.flatMap(({ id }) => {
    const status = readState(form.get(claimField(id)));
    const last = claimed.get(id) ?? "operational";
    return status === null || status === last ? [] : [{ id, status }];
  });
}

function readState(text: string): MeasuredState | null {
  return MEASURED_STATES.find((state) => state === text) ?? null;
}
