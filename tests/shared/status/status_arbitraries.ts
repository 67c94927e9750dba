import fc from "fast-check";
import {
  COMPONENT_STATES,
  INCIDENT_STATES,
  MAINTENANCE_STATES,
  MEASURED_STATES,
} from "../../../shared/status/states.ts";

/** Components of the generated cases. */
export const IDS = ["messages", "live", "calls", "storage"] as const;
/** All generated times are around this one. */
export const NOW = Date.parse("2026-11-29T12:00:00.000Z");

/** Any state of a component. */
export const anyState = fc.constantFrom(...COMPONENT_STATES);
/** Any state that a probe measures. */
export const anyMeasured = fc.constantFrom(...MEASURED_STATES);

const anyId = fc.constantFrom(...IDS);
const anyTime = fc.integer({ min: -7_200_000, max: 7_200_000 }).map((ms) => new Date(NOW + ms).toISOString());

/** Any incident, open or not. */
export const anyIncident = fc.record({
  state: fc.constantFrom(...INCIDENT_STATES),
  title: fc.constantFrom("Calls fail", "Messages arrive late."),
  components: fc.array(fc.record({ id: anyId, status: anyMeasured }), { maxLength: 3 }),
});

/** Any maintenance, at any time around now. */
export const anyMaintenance = fc.record({
  state: fc.constantFrom(...MAINTENANCE_STATES),
  components: fc.array(anyId, { maxLength: 3 }),
  startsAt: anyTime,
  endsAt: anyTime,
});
