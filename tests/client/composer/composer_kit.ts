import { signal } from "@preact/signals";
import type { CompletionPerson } from "../../../client/composer/completion_model.ts";
import type { DraftKey, EditTarget, WritePermission } from "../../../client/composer/composer_scope.ts";
import { composerFactory } from "../../../client/composer/conversation_composer.ts";
import type { ConversationComposer } from "../../../client/composer/conversation_composer.ts";
import { DraftsModel } from "../../../client/composer/drafts_model.ts";
import { textAtEnd } from "../../../client/composer/text_edits.ts";
import { EmojiCatalog } from "../../../client/ui/emoji/emoji.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";

export const GENERAL = "general" as RoomId;
export const DESIGN = "design" as RoomId;
const PEOPLE: CompletionPerson[] = [{ id: "ana" as UserId, name: "Ana" }, {
  id: "an" as UserId,
  name: "Anton",
}];
const TADA = { emoji: "🎉", names: ["tada"], tags: [], description: "party popper", category: "Activities" };

/** Makes the composers of one tab, with one open in a room. */
export function setUp() {
  const rows = new Map<string, string>();
  const storage = {
    length: 0,
    key: () => null,
    getItem: (key: string) => rows.get(key) ?? null,
    setItem: (key: string, value: string) => void rows.set(key, value),
    removeItem: (key: string) => void rows.delete(key),
  };
  const drafts = new DraftsModel({ userId: "me" as UserId, storage, schedule: () => () => {} });
  const enterSends = signal(true);
  const permission = signal<WritePermission>("write");
  const emoji = new EmojiCatalog({ load: () => Promise.resolve([TADA]) });
  const createComposer = composerFactory({ drafts, enterSends, rooms: () => [], emoji });
  const outgoing: unknown[] = [];
  let last: EditTarget | null = null;
  /** Opens the composer of a room or a thread. */
  const openScope = (draftKey: DraftKey) => {
    return createComposer({
      draftKey,
      people: () => draftKey === GENERAL ? PEOPLE : [],
      permission: () => permission.value,
      send: (text, replyTo) => outgoing.push({ to: draftKey, text, replyTo }),
      edit: (offset, text) => outgoing.push({ in: draftKey, offset, text }),
      lastOwn: () => last,
      onTyping: (hasText) => outgoing.push({ typing: hasText }),
    });
  };
  const composer = openScope(GENERAL);
  const textOf = (of: ConversationComposer) => of.shown.value.state.value.text;
  return {
    drafts,
    emoji,
    enterSends,
    permission,
    composer,
    openScope,
    rows,
    setLastOwn: (target: EditTarget) => last = target,
    textOf,
    type: (text: string) => composer.shown.value.typed(textAtEnd(text)),
    text: () => textOf(composer),
    /** What was sent since the last look. */
    sent: () => outgoing.splice(0).filter((one) => !Object.hasOwn(one as object, "typing")),
    typing: () => outgoing.splice(0),
  };
}

/** A message to answer. */
export const REPLY = { offset: 7, authorName: "Bo", text: "Lunch?" };
