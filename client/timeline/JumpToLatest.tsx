import type { JSX } from "preact";
import { Icon } from "../ui/Icon.tsx";

/** What the button is given. */
export interface JumpToLatestProps {
  /** Messages that came below while one read further up. */
  readonly count: number;
  readonly onJump: () => void;
}

/** The way back to the end, with how much is new there. */
export function JumpToLatest({ count, onJump }: JumpToLatestProps): JSX.Element {
  const news = count === 1 ? "1 new message" : `${count} new messages`;
  return (
    <button type="button" class={count > 0 ? "jump is-new" : "jump"} onClick={onJump}>
      <Icon name="arrowDown" />
      {count > 0 ? news : "Jump to latest"}
    </button>
  );
}
