import type { Config } from "../config.ts";
import type { KnownName } from "../../shared/status/live_words.ts";
import type { KnownText } from "./page/known_texts.ts";

/** What is known of a component before anybody changed it. */
export interface ComponentDefinition {
  readonly id: string;
  readonly name: KnownName;
  readonly description: KnownText;
}

/** More components than there are, for lists and inputs. */
export const COMPONENTS_MAX_COUNT = 20;

/** What people come for. */
export const MESSAGES: ComponentDefinition = {
  id: "messages",
  name: "Messages",
  description: "Sending and receiving messages in rooms",
};
/** The parts that every installation measures, in their order. */
export const COMPONENTS: readonly ComponentDefinition[] = [
  MESSAGES,
  { id: "live", name: "Live connection", description: "Connections of apps by the public address" },
  { id: "events", name: "Status feed", description: "Live events of this page" },
  { id: "storage", name: "Storage", description: "Reading and writing data" },
  { id: "calls", name: "Calls", description: "Ringing and connecting calls" },
];
const WITH_RELAYS: KnownText = "Ringing and connecting calls, also through firewalls";
/** Measured where several instances run. */
const INSTANCES: ComponentDefinition = {
  id: "instances",
  name: "Other servers",
  description: "The servers that share the work",
};

/** The components of an installation. */
export function componentsOf({ peerUrls, turn }: Pick<Config, "peerUrls" | "turn">): ComponentDefinition[] {
  const own = COMPONENTS.map((one) =>
    one.id === "calls" && turn !== null ? { ...one, description: WITH_RELAYS } : one
  );
  return [...own, ...(peerUrls.length === 0 ? [] : [INSTANCES])];
}
