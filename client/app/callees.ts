import type { CallSession } from "../../shared/call/call_state.ts";
import type { Callee } from "../calls/RingList.tsx";
import type { OpenCall } from "./open_call.ts";

/** The members of the open room who could be called: neither bots nor the user. */
export function calleesOf({ context: { chat, me } }: Pick<OpenCall, "context">): Callee[] {
  return chat.members.members.value
    .map(({ user }) => user)
    .filter(({ id, isBot, deactivatedAt }) => id !== me.id && !isBot && deactivatedAt === null);
}

/** Those who are neither in the call nor being called. */
export function missingFrom(call: Pick<OpenCall, "context">, session: CallSession): Callee[] {
  return calleesOf(call).filter(({ id }) =>
    !session.rings.has(id) && session.call?.participants.every(({ userId }) => userId !== id) === true
  );
}

/** Whether somebody could be called into the call. */
export function canCallSomebody(call: Pick<OpenCall, "context">, session: CallSession): boolean {
  return missingFrom(call, session).length > 0;
}
