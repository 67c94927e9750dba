import type { UserId } from "../../shared/ids.ts";
import { mergeLeases } from "../../shared/presence.ts";
import type { PresenceLease, PresenceStatus } from "../../shared/presence.ts";

/** The leases of all devices of all people that this instance has heard of, its own and those of others. */
export class PresenceLeases {
  readonly #byUser = new Map<UserId, Map<string, PresenceLease>>();

  /** How many people hold a lease. */
  get peopleCount(): number {
    return this.#byUser.size;
  }

  /** Takes a new, renewed or changed lease; one that has died already ends what it had. */
  apply(lease: PresenceLease, nowMs: number): void {
    if (lease.until > nowMs) {
      this.#byUser.getOrInsertComputed(lease.userId, () => new Map()).set(lease.connectionId, lease);
      return;
    }
    const leases = this.#byUser.get(lease.userId);
    leases?.delete(lease.connectionId);
    if (leases?.size === 0) this.#byUser.delete(lease.userId);
  }

  /** Gives a lease that is alive or has just died. */
  find(userId: UserId, connectionId: string): PresenceLease | null {
    return this.#byUser.get(userId)?.get(connectionId) ?? null;
  }

  /** Lets every lease die so much earlier, with the clock. */
  setBack(ms: number): void {
    for (const leases of this.#byUser.values()) {
      for (const [id, lease] of leases) leases.set(id, { ...lease, until: lease.until - ms });
    }
  }

  /** Forgets a person. */
  drop(userId: UserId): void {
    this.#byUser.delete(userId);
  }

  /** The best live lease of a person wins. */
  statusOf(userId: UserId, nowMs: number): PresenceStatus {
    const leases = this.#byUser.get(userId);
    return leases === undefined ? "offline" : mergeLeases(leases.values(), nowMs);
  }

  /** Drops what has died; gives whose leases those were, and when the next one will die. */
  expire(nowMs: number): { readonly userIds: UserId[]; readonly nextAt: number } {
    const userIds: UserId[] = [];
    let nextAt = Infinity;
    for (const [userId, leases] of this.#byUser) {
      const countBefore = leases.size;
      for (const lease of leases.values()) {
        if (lease.until <= nowMs) leases.delete(lease.connectionId);
        else if (lease.until < nextAt) nextAt = lease.until;
      }
      if (leases.size < countBefore) userIds.push(userId);
      if (leases.size === 0) this.#byUser.delete(userId);
    }
    return { userIds, nextAt };
  }
}
