import { thisDevice } from "../push/push_device.ts";
import { PushModel } from "../push/push_model.ts";
import type { SignedIn } from "./app_context.ts";
import type { Chat } from "./chat.ts";

const made = new WeakMap<Chat, PushModel>();

/** Returns the push notifications of this device for a signed-in user, created on first use. */
export function pushOf({ app, chat, me }: Pick<SignedIn, "app" | "chat" | "me">): PushModel {
  const known = made.get(chat);
  if (known !== undefined) return known;
  const model = new PushModel({
    api: chat.trpc.push,
    device: thisDevice(),
    storage: chat.storage,
    me: me.id,
  });
  made.set(chat, model);
  chat.end.addEventListener("abort", () => {
    // Where somebody has signed out, nothing of theirs is shown any more.
    if (app.session.state.peek().type === "signed_out") void model.end().catch(() => {});
  });
  return model;
}
