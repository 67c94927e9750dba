import type { PushPayload } from "../../shared/notify/push_payload.ts";
import type { TakeBackMessage, TellMessage } from "./push_words.ts";

/** Lets the worker show what the server would push; a later push of the same changes nothing any more. */
export async function tellByWorker(payload: PushPayload): Promise<void> {
  await post({ type: "tell", payload: JSON.stringify(payload) });
}

/** Lets the worker close the ring that it shows under a tag, after what it was told before. */
export async function takeBackRing(tag: string): Promise<void> {
  await post({ type: "take_back", tag });
}

async function post(message: TellMessage | TakeBackMessage): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  registration?.active?.postMessage(message);
}
