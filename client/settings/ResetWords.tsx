import type { JSX } from "preact";
import type { PasswordReset } from "../../shared/user.ts";
import { describeMoment } from "../ui/relative_time.ts";

/** Describes a reset: "27 November at 14:20, with a link that Ana made". */
export function ResetWords(
  { reset: { at, by }, ownName }: { reset: PasswordReset; ownName: string },
): JSX.Element {
  return (
    <>
      <time dateTime={at}>{describeMoment(at)}</time>
      {", with a link that "}
      {by === "" ? "an admin" : by === ownName ? "you" : <strong dir="auto">{by}</strong>}
      {" made"}
    </>
  );
}
