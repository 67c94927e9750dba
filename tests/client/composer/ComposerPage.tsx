import { signal } from "@preact/signals";
import { render } from "preact";
import { Composer } from "../../../client/composer/Composer.tsx";
import { composerFactory } from "../../../client/composer/conversation_composer.ts";
import { DraftsModel } from "../../../client/composer/drafts_model.ts";
import { EmojiCatalog } from "../../../client/ui/emoji/emoji.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";

/** A composer alone, with what it tells in a list beside it. Run in a browser by composer_browser_test.ts. */
const told = signal<readonly string[]>([]);
const tell = (...words: unknown[]) => {
  told.value = [...told.value, words.join(" ")];
};

const drafts = new DraftsModel({ userId: "me" as UserId, storage: localStorage });
drafts.listen(globalThis.window);
const createComposer = composerFactory({
  drafts,
  enterSends: signal(true),
  rooms: () => [{ id: "general" as RoomId, name: "General" }],
  emoji: new EmojiCatalog({ storage: localStorage }),
});
const composer = createComposer({
  draftKey: "general" as RoomId,
  people: () => [{ id: "ana" as UserId, name: "Ana" }, { id: "maria" as UserId, name: "Ana Maria" }],
  permission: () => "write",
  send: (text, replyTo) => tell("send", text, replyTo),
  edit: (offset, text) => tell("edit", offset, text),
  lastOwn: () => ({ offset: 3, text: "last" }),
});

function Page() {
  return (
    <>
      <h1>Composer</h1>
      <button
        type="button"
        onClick={() => composer.startReply({ offset: 7, authorName: "Bo", text: "Lunch?" })}
      >
        Reply
      </button>
      <Composer composer={composer} name="General" onJoin={() => {}} />
      <ol>{told.value.map((line, index) => <li key={index}>{line}</li>)}</ol>
    </>
  );
}

const place = document.getElementById("app");
if (place !== null) render(<Page />, place);
