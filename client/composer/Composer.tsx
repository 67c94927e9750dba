import { useId } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { Button } from "../ui/Button.tsx";
import { EmojiButton } from "../ui/emoji/EmojiButton.tsx";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { KEEP_FOCUS } from "./keep_focus.ts";
import { CompletionList } from "./CompletionList.tsx";
import { ComposerField } from "./ComposerField.tsx";
import type { ConversationComposer } from "./conversation_composer.ts";

/** Props of `Composer`. */
export interface ComposerProps {
  readonly composer: ConversationComposer;
  /** The name of the room, or of the other user in a direct room. */
  readonly name: string;
  readonly onJoin: () => void;
  /** The line of who is typing, in a place of its own at the foot. */
  readonly children?: ComponentChildren;
  /** Shown above the box. */
  readonly above?: ComponentChildren;
}

/** The box at the foot of a room in which messages are written. */
export function Composer({ composer, name, onJoin, children, above }: ComposerProps): JSX.Element {
  const id = useId();
  const permission = composer.permission.value;
  if (permission !== "write") {
    return (
      <div class="compose">
        <Refusal isArchived={permission === "archived"} name={name} onJoin={onJoin} />
        <div class="compose-foot">{children}</div>
      </div>
    );
  }

  const isEditing = composer.editing.value !== null;
  const shown = composer.shown.value;
  const left = shown.left.value;
  const problem = shown.problem.value;
  return (
    <div class="compose">
      {above}
      <div class="box">
        <CompletionList id={`${id}-list`} composer={composer} />
        <Target composer={composer} />
        <div class="box-row">
          <ComposerField
            composer={composer}
            label={`Message ${name}`}
            listId={`${id}-list`}
            noteId={`${id}-note`}
          />
          <EmojiButton
            label="Emoji"
            catalog={composer.options.emoji}
            onPick={(emoji) => composer.addEmoji(emoji)}
          />
          <button
            type="button"
            class={problem === null ? "send" : "send is-blocked"}
            aria-label={isEditing ? "Save" : "Send"}
            title={isEditing ? "Save" : "Send"}
            aria-disabled={shown.canSend.value ? undefined : "true"}
            {...KEEP_FOCUS}
            onClick={() => composer.submit()}
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

/** Why the user cannot write, and what to do about it. */
function Refusal(
  { isArchived, name, onJoin }: Pick<ComposerProps, "name" | "onJoin"> & { isArchived: boolean },
): JSX.Element {
  return (
    <div class="box box-notice">
      <Icon name={isArchived ? "archive" : "eye"} />
      <p>
        {isArchived
          ? "This room is archived and read-only."
          : `You are previewing ${name}. Join to send messages.`}
      </p>
      {isArchived ? null : <Button kind="primary" onClick={onJoin}>Join room</Button>}
    </div>
  );
}

/** The message that is answered or edited, with a button to cancel. */
function Target({ composer }: Pick<ComposerProps, "composer">): JSX.Element | null {
  const isEditing = composer.editing.value !== null;
  const reply = composer.reply.value;
  if (!isEditing && reply === null) return null;
  return (
    <div class="box-target">
      <Icon name={isEditing ? "pencil" : "reply"} />
      <span class="box-target-text">
        {isEditing ? <b>Editing a message</b> : (
          <>
            Reply to <b>{reply?.authorName}</b> <bdi>{reply?.text}</bdi>
          </>
        )}
      </span>
      <IconButton
        icon="x"
        label={isEditing ? "Cancel edit" : "Cancel reply"}
        onClick={() => composer.cancel()}
      />
    </div>
  );
}
