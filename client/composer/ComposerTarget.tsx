import type { JSX } from "preact";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import type { ComposerModel } from "./composer_model.ts";

/** Says above the box what is answered or edited, with a way out of it. */
export function ComposerTarget({ model }: { readonly model: ComposerModel }): JSX.Element | null {
  const editing = model.editing.value;
  const reply = model.reply.value;
  if (editing === null && reply === null) return null;
  return (
    <div class="box-target">
      <Icon name={editing !== null ? "pencil" : "reply"} />
      <span class="box-target-text">
        {editing !== null ? <b>Editing a message</b> : (
          <>
            Reply to <b>{reply?.authorName}</b> <bdi>{reply?.text}</bdi>
          </>
        )}
      </span>
      <IconButton
        icon="x"
        label={editing !== null ? "Stop editing" : "Do not reply"}
        onClick={() => model.cancel()}
      />
    </div>
  );
}
