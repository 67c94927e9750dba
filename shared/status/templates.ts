import type { MeasuredState } from "./states.ts";

/** A text to begin with, so that the first update is out in seconds. */
export interface IncidentTemplate {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  /** States of components; those that an installation does not have are left out. */
  readonly components: Readonly<Record<string, MeasuredState>>;
}

/** The usual incidents. */
export const INCIDENT_TEMPLATES: readonly IncidentTemplate[] = [
  {
    name: "Messages are slow",
    title: "Messages arrive late",
    text: "Messages arrive later than usual. None is lost. We are looking for the cause.",
    components: { messages: "degraded_performance" },
  },
  {
    name: "Messages are not sent",
    title: "Messages cannot be sent",
    text: "Messages cannot be sent at the moment. What you write is kept on your device and sent later.",
    components: { messages: "major_outage" },
  },
  {
    name: "People cannot connect",
    title: "Some people cannot connect",
    text: "Some people cannot connect or lose the connection. We are looking for the cause.",
    components: { live: "partial_outage" },
  },
  {
    name: "Calls fail",
    title: "Calls fail for some people",
    text: "Some calls do not connect. Messages are not affected. We are looking for the cause.",
    components: { calls: "partial_outage" },
  },
  {
    name: "Storage is down",
    title: "Nothing can be stored",
    text: "Our storage does not answer, so nothing new can be stored. We are working on it.",
    components: { storage: "major_outage", messages: "major_outage" },
  },
];

/** The usual planned work. */
export const MAINTENANCE_TEMPLATES: readonly {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}[] = [
  {
    name: "Update",
    title: "Update of the server",
    text: "The server is updated and restarts. Apps reconnect by themselves within a minute.",
  },
  {
    name: "Move",
    title: "Move to a new machine",
    text: "The server moves to a new machine and is down in the meantime. What you write is sent afterwards.",
  },
];
