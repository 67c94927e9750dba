import type { LiveWords } from "./live_words.ts";
import { INCIDENT_WORDS, MAINTENANCE_WORDS, STATE_WORDS } from "./words.ts";

/** The page in English. */
export const EN: LiveWords = {
  language: "en",
  locale: "en-GB",
  names: null,
  states: STATE_WORDS,
  incidentStates: INCIDENT_WORDS,
  maintenanceStates: MAINTENANCE_WORDS,
  levels: { info: "Announcement", warning: "Warning", critical: "Urgent" },
  clauses: {
    major_outage: (names, isPlural) => `${names} ${isPlural ? "are" : "is"} down`,
    partial_outage: (names, isPlural) => `${names} ${isPlural ? "fail" : "fails"} for some people`,
    degraded_performance: (names, isPlural) => `${names} ${isPlural ? "are" : "is"} degraded`,
    under_maintenance: (names, isPlural) => `${names} ${isPlural ? "are" : "is"} under maintenance`,
    unknown: (names) => `The state of ${names} is unknown`,
    operational: (names, isPlural) => `${names} ${isPlural ? "work" : "works"} normally`,
  },
  others: (count) => `${count} others`,
  nothingMeasured: "Nothing is measured yet",
  allOperational: "All systems operational",
  allUnknown: "The current state is unknown",
  restWorks: "Everything else works normally",
  namedAndRestWork: (name) => `${name} and everything else work normally`,
  checked: (ago) => `Checked ${ago}.`,
  pageName: (workspace) => `${workspace} status`,
  edited: "edited",
  overruns: "Running longer than planned",
  timesIn: (zone) => `Times are ${zone}.`,
  showTimesIn: (zone) => `Show ${zone}`,
};
