import { CallPreferences } from "../calls/media/call_preferences.ts";
import type { PageStorage } from "./page_storage.ts";

const made = new WeakMap<PageStorage, CallPreferences>();

/** Returns the preferences for calls of this device, which settings and calls share. */
export function callPreferencesOf(storage: PageStorage): CallPreferences {
  // Browsers of last year have no `getOrInsertComputed`.
  let preferences = made.get(storage);
  if (preferences === undefined) made.set(storage, preferences = new CallPreferences(storage, globalThis));
  return preferences;
}
