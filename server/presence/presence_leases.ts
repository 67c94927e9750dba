import type { UserId } from "../../shared/ids.ts";
import { PRESENCE_LEASE_MS } from "../../shared/limits.ts";
import { mergeLeases } from "../../shared/presence.ts";
import type { PresenceLease, PresenceStatus } from "../../shared/presence.ts";

/** A lease as sent, with a duration instead of a time, because clocks of instances may differ by hours. */
export interface HeldLease extends Omit<PresenceLease, "until"> {
  /** 0 releases it. */
  readonly forMs: number;
}

/** Returns a new lease of a device. */
export function leaseOf(
  connectionId: string,
  { userId, status, key }: Pick<PresenceLease, "userId" | "status" | "key">,
): HeldLease {
  const lease = { connectionId, userId, status, forMs: PRESENCE_LEASE_MS };
  return key === undefined ? lease : { ...lease, key };
}

/** The leases of all devices, on this and other instances. */
export class PresenceLeases {
  readonly #byUser = new Map<UserId, Map<string, PresenceLease>>();

  /** Number of people with a lease. */
  get peopleCount(): number {
    return this.#byUser.size;
  }

  /** Adds, renews or changes a lease; an expired one ends the device's lease. */
  apply(lease: PresenceLease, nowMs: number): void {
    if (lease.until > nowMs) {
      this.#byUser.getOrInsertComputed(lease.userId, () => new Map()).set(lease.connectionId, lease);
      return;
    }
    const leases = this.#byUser.get(lease.userId);
    leases?.delete(lease.connectionId);
    if (leases?.size === 0) this.#byUser.delete(lease.userId);
  }

  /** Returns a lease, which may have just expired. */
  find(userId: UserId, connectionId: string): PresenceLease | null {
    return this.#byUser.get(userId)?.get(connectionId) ?? null;
  }

  /** Moves all expiry times back after the clock stepped back. */
  setBack(ms: number): void {
    for (const leases of this.#byUser.values()) {
      for (const [id, lease] of leases) leases.set(id, { ...lease, until: lease.until - ms });
    }
  }

  /** Removes a person. */
  drop(userId: UserId): void {
    this.#byUser.delete(userId);
  }

  /** Whether a session or token has a valid lease that names it. */
  hasKey(userId: UserId, key: string, nowMs: number): boolean {
    const leases = this.#byUser.get(userId)?.values() ?? [];
    return [...leases].some((lease) => lease.key === key && lease.until > nowMs);
  }

  /** Returns the status of a person: that of their best valid lease. */
  statusOf(userId: UserId, nowMs: number): PresenceStatus {
    const leases = this.#byUser.get(userId);
    return leases === undefined ? "offline" : mergeLeases(leases.values(), nowMs);
  }

  /** Removes expired leases; returns their owners, and when the next one expires. */
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
