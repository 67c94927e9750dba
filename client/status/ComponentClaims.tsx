import type { JSX } from "preact";
import { MEASURED_STATES } from "../../shared/status/states.ts";
import type { AffectedComponent } from "../../shared/status/status.ts";
import { STATE_WORDS } from "../../shared/status/words.ts";
import { SelectField } from "../ui/SelectField.tsx";
import { claimField } from "./component_claims.ts";
import type { NamedComponent } from "./component_claims.ts";
import type { FormFields } from "./form_fields.ts";

/** Props of `ComponentClaims`. */
export interface ComponentClaimsProps {
  readonly form: FormFields;
  readonly components: readonly NamedComponent[];
  /** What the incident claims so far. */
  readonly before?: readonly AffectedComponent[];
}

/** The state of each component, as the incident claims it. */
export function ComponentClaims({ form, components, before = [] }: ComponentClaimsProps): JSX.Element {
  const claimed = new Map(before.map(({ id, status }) => [id, status]));
  const options = MEASURED_STATES.map((state) => [state, STATE_WORDS[state]] as const);
  return (
    <fieldset class="claims">
      <legend>Affected components</legend>
      {components.map(({ id, name }) => (
        <SelectField
          key={id}
          label={name}
          value={form.get(claimField(id)) || (claimed.get(id) ?? "operational")}
          options={options}
          onValue={(state) => form.set(claimField(id), state)}
        />
      ))}
    </fieldset>
  );
}
