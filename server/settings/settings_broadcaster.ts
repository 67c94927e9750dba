import type { UserId } from "../../shared/ids.ts";
import { SIGNALS } from "../../shared/signals.ts";
import type { Feed } from "../changes.ts";
import type { Hub } from "../streams/hub.ts";
import { signalItem, topicOf } from "../streams/signals.ts";
import type { Signals, SignalView } from "../streams/signals.ts";
import type { SettingsStore } from "./settings_store.ts";

export interface SettingsBroadcasterOptions {
  readonly feed: Feed;
  readonly hub: Hub;
  readonly signals: Signals;
  readonly settings: SettingsStore;
}

/**
 * Sends people their settings, first as they are and then after each change on any device and instance.
 *
 * Guarantees: the last state always arrives; states in between may be skipped.
 */
export class SettingsBroadcaster {
  readonly #options: SettingsBroadcasterOptions;
  readonly #unsubscribe: () => void;

  /** Subscribes to the feed. */
  constructor(options: SettingsBroadcasterOptions) {
    this.#options = options;
    options.signals.setView(SIGNALS.settings, ({ userId }) => this.#openView(userId));
    this.#unsubscribe = options.feed.subscribe("deliver", (notice) => {
      if (notice.type === "changed" && notice.change.type === "settings_changed") {
        void this.#tell(notice.change.userId);
      }
    });
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  async #openView(userId: UserId): Promise<SignalView> {
    const { signals, settings } = this.#options;
    const loaded = await settings.get(userId);
    return {
      topic: topicOf(SIGNALS.settings, userId),
      start: () => {
        const { offset } = signals;
        // A change since the read was told before the subscription, and is cached, or follows.
        return { items: [signalItem(SIGNALS.settings, settings.peek(userId) ?? loaded, offset)], offset };
      },
      close: () => {},
    };
  }

  async #tell(userId: UserId): Promise<void> {
    const { hub, signals, settings } = this.#options;
    const topic = topicOf(SIGNALS.settings, userId);
    if (!hub.hasSubscribers(topic)) return;
    try {
      const all = await settings.get(userId);
      // If another change has overtaken the read, that change is told after this one.
      if (settings.peek(userId) === all) signals.deliver(SIGNALS.settings, [userId], all);
    } catch {
      // Listeners subscribe again, and get what is stored once it can be read.
      signals.restart(userId, [topic]);
    }
  }
}
