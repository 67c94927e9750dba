import { entriesOf } from "./check_messages.ts";
import type { FinalMessage, FinalState } from "./final_state.ts";
import type { Operation } from "./history.ts";
import type { Violation } from "./violation.ts";

/** Texts, tombstones and reactions are what the last change made of them, as far as one can know which was the last. */
export function checkChanges(operations: readonly Operation[], final: FinalState): Violation[] {
  const changes = new Map<string, Operation[]>();
  const originals = new Map<string, string>();
  for (const operation of operations) {
    const { name, roomId, person, clientMessageId, offset, text } = operation.invocation;
    if (name === "send") {
      const key = `${roomId} ${person} ${clientMessageId}`;
      if (!originals.has(key)) originals.set(key, text ?? "");
    } else if (name === "edit" || name === "delete" || name === "react") {
      const key = `${roomId} ${offset}`;
      const known = changes.get(key);
      if (known === undefined) changes.set(key, [operation]);
      else known.push(operation);
    }
  }
  return final.rooms.flatMap(({ roomId, messages }) =>
    messages.flatMap((message) => {
      const original = originals.get(`${roomId} ${message.by} ${message.clientMessageId}`);
      const made = changes.get(`${roomId} ${message.offset}`) ?? [];
      return original === undefined ? [] : checkMessage(message, original, made);
    })
  );
}

function checkMessage(message: FinalMessage, original: string, changes: readonly Operation[]): Violation[] {
  const named = (name: string) => changes.filter(({ invocation }) => invocation.name === name);
  const deletes = named("delete");
  const isDeleteAcknowledged = deletes.some(isDone);
  const entries = changes.flatMap(entriesOf);
  if (message.isDeleted) {
    const mayBe = deletes.some(({ end }) => end?.type !== "fail");
    return mayBe ? [] : [{ kind: "unexpected", what: `Message ${message.offset} is deleted`, entries }];
  }
  if (isDeleteAcknowledged) {
    return [{ kind: "lost", what: `The end of message ${message.offset} is lost`, entries }];
  }
  const violations: Violation[] = [];
  const edits = named("edit");
  const texts = lastOnes(edits).map(({ invocation }) => invocation.text ?? "");
  if (!edits.some(isDone)) texts.push(original);
  if (!texts.includes(message.text)) {
    const isKnown = message.text === original ||
      edits.some(({ invocation }) => invocation.text === message.text);
    violations.push({
      kind: isKnown ? "lost" : "unexpected",
      what: `Message ${message.offset} says ${JSON.stringify(message.text)}`,
      entries,
    });
  }
  const reacts = Map.groupBy(named("react"), choiceOf);
  for (const choice of message.reactions.filter((reaction) => !reacts.has(reaction))) {
    violations.push({ kind: "unexpected", what: `Message ${message.offset} has ${choice}`, entries });
  }
  for (const [choice, made] of reacts) {
    const states = lastOnes(made).map(({ invocation }) => invocation.on ?? false);
    if (!made.some(isDone)) states.push(false);
    const is = message.reactions.includes(choice);
    if (!states.includes(is)) {
      const what = `Reaction ${choice} of message ${message.offset} is ${is ? "on" : "off"}`;
      violations.push({ kind: "lost", what, entries: made.flatMap(entriesOf) });
    }
  }
  return violations;
}

/** Writes after which no acknowledged one began: any of them may have been the last. */
function lastOnes(writes: readonly Operation[]): Operation[] {
  const lastBegin = Math.max(-1, ...writes.filter(isDone).map(({ invocation }) => invocation.at));
  return writes.filter(({ end }) => {
    if (end === null || end.type === "unknown") return true;
    return end.type === "ok" && end.at >= lastBegin;
  });
}

function isDone({ end }: Operation): boolean {
  return end?.type === "ok";
}

function choiceOf({ invocation }: Operation): string {
  return `${invocation.emoji} ${invocation.person}`;
}
