/** What is known of a component before anybody changed it. */
export interface ComponentDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** The parts that every installation measures, in their order. */
export const COMPONENTS: readonly ComponentDefinition[] = [
  { id: "messages", name: "Messages", description: "Sending and receiving messages in rooms" },
  { id: "live", name: "Live connection", description: "Connections of apps by the public address" },
  { id: "events", name: "Status feed", description: "Live events of this page" },
  { id: "storage", name: "Storage", description: "Reading and writing what is kept" },
];
/** Measured where several instances run. */
export const INSTANCES: ComponentDefinition = {
  id: "instances",
  name: "Other servers",
  description: "The servers that share the work",
};

/** The components of an installation. */
export function componentsOf(config: { readonly peerUrls: readonly string[] }): ComponentDefinition[] {
  return config.peerUrls.length === 0 ? [...COMPONENTS] : [...COMPONENTS, INSTANCES];
}
