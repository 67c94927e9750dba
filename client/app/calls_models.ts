import { computed } from "@preact/signals";
import { recallCall } from "../calls/call_memory.ts";
import { CallsWatch } from "../calls/calls_watch.ts";
import { claimTabId } from "../calls/tab_id.ts";
import type { TabId } from "../../shared/ids.ts";
import { tabStorage } from "../net/transport_choice.ts";
import type { Chat } from "./chat.ts";

/** The calls of a signed-in user. */
export interface CallsModels {
  readonly tabId: TabId;
  readonly watch: CallsWatch;
  /** Whether this tab was in a call before it was reloaded. */
  readonly wasInCall: boolean;
}

const opened = new WeakMap<Chat, Promise<CallsModels>>();
let tabId: Promise<TabId> | null = null;

/** Returns the calls of a chat; the first use subscribes to them. */
export function callsOf(chat: Chat): Promise<CallsModels> {
  const known = opened.get(chat) ?? open(chat);
  opened.set(chat, known);
  return known;
}

async function open(chat: Chat): Promise<CallsModels> {
  const { connection, trpc } = chat;
  const storage = tabStorage();
  // Once a page: its lock is held until the page ends.
  tabId ??= claimTabId({ storage, locks: navigator.locks as LockManager | undefined });
  const id = await tabId;
  const watch = new CallsWatch({
    api: trpc.calls,
    tabId: id,
    isConnected: connection.isOpen,
    need: connection.need,
    hasSocket: computed(() => connection.transport.value === "websocket"),
  });
  // The user may have signed out meanwhile.
  if (!chat.end.aborted) {
    watch.start();
    chat.end.addEventListener("abort", () => watch[Symbol.dispose]());
    chat.calls.value = { tabId: id, onUpdate: (update) => watch.apply(update) };
  }
  return { tabId: id, watch, wasInCall: recallCall(storage) !== null };
}
