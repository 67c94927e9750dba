import { AppError } from "../../shared/errors.ts";
import { PASSWORD_RATE_PERSON, PASSWORD_RATES_ADDRESS } from "../../shared/limits.ts";
import { foldName } from "../../shared/names.ts";
import type { Context } from "../rpc/context.ts";
import { limitSubjects } from "../net/address.ts";
import type { AttemptKind, Try } from "./attempt_store.ts";
import type { Subjects } from "./fair_queue.ts";
import type { HashCaller } from "./password.ts";
import type { PasswordEntry } from "./password_store.ts";
import { FOLDED_NAME_MAX_LENGTH } from "./user_store.ts";
import type { UserRow } from "./user_store.ts";

/** A user whose password was correct, with the password row as proof. */
export interface Verified {
  readonly user: UserRow;
  readonly password: PasswordEntry;
}

/** From this many recent wrong passwords on, further attempts from there wait behind everybody else's. */
const SUSPECT_WRONG_COUNT = 3;
/** The kinds under which wrong passwords are counted, for an address and the networks around it. */
const ADDRESS_KINDS: readonly AttemptKind[] = ["address", "site", "network"];

/**
 * Compares a password. Wrong ones are counted for this name from this address, for the address and for the networks
 * around it. An unknown name, a deactivated account and a wrong password take the same time and get the same
 * answer. Nothing is counted for a name alone, because strangers could lock out its owner.
 */
export async function verifyPassword(ctx: Context, name: string, password: string): Promise<Verified> {
  const { attempts, hasher, limits, passwords, pendingTries, users } = ctx.services;
  const subjects = limitSubjects(ctx.address);
  // Overlong names are cut, because storage rejects long keys; nobody can have such a name.
  const person = `${foldName(name).slice(0, FOLDED_NAME_MAX_LENGTH)} ${subjects[0]}`;
  const tries = subjects.flatMap((subject, index): Try[] => {
    const kind = ADDRESS_KINDS[index];
    return kind === undefined ? [] : [{ kind, subject }];
  });
  const compare = async (wrongCount: number): Promise<Verified | null> => {
    const user = await users.findByName(name);
    const stored = user === null ? null : await passwords.find(user.id);
    const caller: HashCaller = {
      get isGone() {
        return ctx.lane?.isGone ?? false;
      },
      isSuspect: wrongCount >= SUSPECT_WRONG_COUNT,
    };
    const isRight = await hasher.verify(password, stored?.value ?? null, subjects, caller);
    if (user === null || stored === null || !isRight || user.deactivatedAt !== null) return null;
    return { user, password: stored };
  };
  const verified = await pendingTries.run(person, () => {
    limits.take("password", person, PASSWORD_RATE_PERSON);
    takeWork(ctx, subjects);
    return attempts.countAll([...tries, { kind: "account", subject: person }], compare);
  });
  if (verified === null) throw badCredentials();
  return verified;
}

/** Hashes a new password and counts the work for the caller's address. */
export async function hashPassword(ctx: Context, password: string): Promise<string> {
  const subjects = limitSubjects(ctx.address);
  takeWork(ctx, subjects);
  return await ctx.services.hasher.hash(password, subjects, ctx.lane ?? undefined);
}

/** The error for every failed sign-in, whatever the reason. */
export function badCredentials(): AppError {
  return new AppError("bad_credentials", "Wrong name or password");
}

/** Hashing counts as work, whether the password is right or not. */
function takeWork(ctx: Context, subjects: Subjects): void {
  for (const [index, subject] of subjects.entries()) {
    const rate = PASSWORD_RATES_ADDRESS[index];
    if (rate !== undefined) ctx.services.limits.take("password", subject, rate);
  }
}
