import type { JSX } from "preact";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import type { ComposerProps } from "./Composer.tsx";

/** Stands in place of the box where one cannot write, and says why. */
export function ComposerNotice({ room, onJoin }: Pick<ComposerProps, "room" | "onJoin">): JSX.Element {
  if (room.isArchived) {
    return (
      <div class="box box-notice">
        <Icon name="archive" />
        <p>This room is archived. You can read it, but not write in it.</p>
      </div>
    );
  }
  return (
    <div class="box box-notice">
      <Icon name="eye" />
      <p>You are looking at {room.name}. Join to write here.</p>
      <Button kind="primary" onClick={onJoin}>Join room</Button>
    </div>
  );
}
