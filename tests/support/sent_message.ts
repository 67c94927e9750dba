import type { Message } from "../../shared/message.ts";

/** A message in its state right after sending. */
export function sentMessage(
  fields: Partial<Message> & Pick<Message, "roomId" | "offset" | "by" | "at" | "text" | "clientMessageId">,
): Message {
  return {
    editedAt: null,
    deletedAt: null,
    replyTo: null,
    threadRoot: null,
    replyCount: 0,
    mentions: [],
    mentionsRoom: false,
    reactions: [],
    ...fields,
  };
}
