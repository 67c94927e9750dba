import { useId, useLayoutEffect } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import type { RoomId } from "../../shared/ids.ts";
import { Icon } from "../ui/Icon.tsx";
import { CompletionList } from "./CompletionList.tsx";
import type { ComposerModel } from "./composer_model.ts";
import { ComposerField } from "./ComposerField.tsx";
import { ComposerNotice } from "./ComposerNotice.tsx";
import { ComposerTarget } from "./ComposerTarget.tsx";
import { EmojiButton } from "../ui/emoji/EmojiButton.tsx";

/** What the composer must know of the room that it writes to. */
export interface ComposerRoom {
  readonly id: RoomId;
  /** Shown in the placeholder; of a direct room the other person's name. */
  readonly name: string;
  readonly isArchived: boolean;
  readonly isMember: boolean;
}

/** What the composer is given and what it tells. */
export interface ComposerProps {
  readonly room: ComposerRoom;
  readonly model: ComposerModel;
  /** A text that passed all checks; `replyTo` is the offset of the message that it answers. */
  readonly onSend: (text: string, replyTo: number | null) => void;
  readonly onEdit: (offset: number, text: string) => void;
  /** Up was pressed in an empty box: call `model.startEdit` with the last own message. */
  readonly onEditLast: () => void;
  /** The person typed: whether there is text now. Not called for drafts that are put back, nor for edits. */
  readonly onTyping: (hasText: boolean) => void;
  readonly onBlur: () => void;
  readonly onJoin: () => void;
  /** The line of who is typing; it stands at the foot, where its place is kept. */
  readonly children?: ComponentChildren;
}

/** The box at the foot of a room in which messages are written. */
export function Composer(props: ComposerProps): JSX.Element {
  const { room, model, onSend, onEdit, onEditLast, onTyping, onBlur, onJoin, children } = props;
  const id = useId();
  useLayoutEffect(() => model.open(room.id), [model, room.id]);

  if (room.isArchived || !room.isMember) {
    return (
      <div class="compose">
        <ComposerNotice room={room} onJoin={onJoin} />
        <div class="compose-foot">{children}</div>
      </div>
    );
  }

  const submit = () => {
    const outgoing = model.take();
    if (outgoing?.kind === "send") onSend(outgoing.text, outgoing.replyTo);
    else if (outgoing?.kind === "edit") onEdit(outgoing.offset, outgoing.text);
  };
  const isEditing = model.editing.value !== null;
  const left = model.left.value;
  const problem = model.problem.value;

  return (
    <div class="compose">
      <div class="box">
        <CompletionList id={`${id}-list`} model={model} />
        <ComposerTarget model={model} />
        <div class="box-row">
          <ComposerField
            key={room.id}
            model={model}
            label={`Message ${room.name}`}
            listId={`${id}-list`}
            noteId={`${id}-note`}
            onSubmit={submit}
            onEditLast={onEditLast}
            onTyping={onTyping}
            onBlur={onBlur}
          />
          <EmojiButton label="Emoji" catalog={model.emoji} onPick={(emoji) => model.addEmoji(emoji)} />
          <button
            type="button"
            class={problem === null ? "send" : "send is-blocked"}
            aria-label={isEditing ? "Save" : "Send"}
            title={isEditing ? "Save" : "Send"}
            aria-disabled={model.canSend.value ? undefined : "true"}
            // The box keeps the focus, and a phone its keyboard.
            onPointerDown={keepFocus}
            onMouseDown={keepFocus}
            onClick={submit}
          >
            <Icon name={isEditing ? "check" : "send"} />
          </button>
        </div>
      </div>
      <div class="compose-foot">
        {children}
        {left !== null && problem === null ? <span class="compose-note">{left} left</span> : null}
        <span class="compose-note is-bad" id={`${id}-note`} role="alert">{problem}</span>
      </div>
    </div>
  );
}

function keepFocus(event: Event): void {
  event.preventDefault();
}
