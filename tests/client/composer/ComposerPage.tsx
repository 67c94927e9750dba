import { signal } from "@preact/signals";
import { render } from "preact";
import { Composer } from "../../../client/composer/Composer.tsx";
import { ComposerModel } from "../../../client/composer/composer_model.ts";
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
const model = new ComposerModel({
  drafts,
  enterSends: signal(true),
  people: () => [{ id: "ana" as UserId, name: "Ana" }, { id: "maria" as UserId, name: "Ana Maria" }],
  rooms: () => [{ id: "general" as RoomId, name: "General" }],
  emoji: new EmojiCatalog({ storage: localStorage }),
});
const room = { id: "general" as RoomId, name: "General", isArchived: false, isMember: true };

function Page() {
  return (
    <>
      <h1>Composer</h1>
      <button
        type="button"
        onClick={() => model.startReply({ offset: 7, authorName: "Bo", text: "Lunch?" })}
      >
        Reply
      </button>
      <Composer
        room={room}
        model={model}
        onSend={(text, replyTo) => tell("send", text, replyTo)}
        onEdit={(offset, text) => tell("edit", offset, text)}
        onEditLast={() => model.startEdit({ offset: 3, text: "last" })}
        onTyping={() => {}}
        onBlur={() => {}}
        onJoin={() => {}}
      />
      <ol>{told.value.map((line, index) => <li key={index}>{line}</li>)}</ol>
    </>
  );
}

const place = document.getElementById("app");
if (place !== null) render(<Page />, place);
