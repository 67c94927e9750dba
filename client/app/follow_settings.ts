import { effect, untracked } from "@preact/signals";
import type { SignedIn } from "./app_context.ts";
import { settingsOf } from "./settings_models.ts";

/** Follows the user's settings, which other devices may change; the returned function stops. */
export function followSettings({ app: { preferences }, chat }: SignedIn): () => void {
  const { person } = settingsOf(chat);
  const stopFollowing = person.follow();
  const stopKeeping = effect(() => {
    const enterSends = person.all.value?.enterSends;
    // Also kept on this device, for the time until the settings are read.
    if (enterSends !== undefined && enterSends !== preferences.enterSends.peek()) {
      untracked(() => preferences.set({ enterSends }));
    }
  });
  return () => {
    stopKeeping();
    stopFollowing();
  };
}
