import type { PushPayload } from "../../shared/notify/push_payload.ts";
import type { TellMessage } from "./push_words.ts";

/** Lets the worker show what the server will push later, if it is unread then; the push changes nothing any more. */
export async function tellByWorker(payload: PushPayload): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  const message: TellMessage = { type: "tell", payload: JSON.stringify(payload) };
  registration?.active?.postMessage(message);
}
