import { PROBE_VALID_MS } from "../../shared/status/probe_track.ts";
import type { ComponentState } from "../../shared/status/states.ts";
import type { StatusActivity, StatusMetrics } from "../../shared/status/status.ts";

/** What decides whether figures are about now. */
export interface FigureFacts {
  /** State of the component that delivers messages, as it is measured. */
  readonly messages: ComponentState;
  /** Since when everything known was checked; null before the first check. Epoch times in milliseconds. */
  readonly measuredAt: number | null;
  readonly now: number;
}

/** Figures beside the states, in memory. */
export class StatusFigures {
  /** How long messages took in the last 24 hours, oldest first; null where nothing was measured. */
  deliveredDay: readonly (number | null)[] = [];
  /** Whether an owner shows the activity. */
  showsActivity = false;
  activity: StatusActivity | null = null;
  #deliveredMs: StatusMetrics["deliveredMs"] = null;
  /** When a message was delivered last, in epoch ms. */
  #deliveredAt = -Infinity;

  /** Takes over how long messages took, and when the last of them was delivered. */
  setDelivered(deliveredMs: StatusMetrics["deliveredMs"], at: number): void {
    this.#deliveredMs = deliveredMs;
    this.#deliveredAt = at;
  }

  /** The figures as of now: how long messages take is not known while they do not work, or were not measured lately. */
  metrics({ messages, measuredAt, now }: FigureFacts): StatusMetrics {
    const isFresh = Math.abs(now - this.#deliveredAt) <= PROBE_VALID_MS;
    return {
      deliveredMs: isFresh && messages === "operational" ? this.#deliveredMs : null,
      measuredAt: measuredAt === null ? null : new Date(measuredAt).toISOString(),
      ...(this.showsActivity && this.activity !== null ? { activity: this.activity } : {}),
    };
  }
}
