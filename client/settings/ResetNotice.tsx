import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Me } from "../../shared/user.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { PasswordResetsModel } from "./password_resets_model.ts";
import type { ResetStorage } from "./password_resets_model.ts";
import { ResetWords } from "./ResetWords.tsx";

/** Props of `ResetNotice`. */
export interface ResetNoticeProps {
  readonly me: Me;
  readonly storage: ResetStorage;
  readonly onChangePassword: () => void;
}

/** Shows who created links that reset the password, until the user has answered on this device. */
export function ResetNotice({ me, storage, onChangePassword }: ResetNoticeProps): JSX.Element | null {
  const model = useMemo(() => new PasswordResetsModel({ me, storage }), [me.id, storage]);
  const resets = model.unseen.value;
  if (resets.length === 0) return null;
  const change = () => {
    model.acknowledge();
    onChangePassword();
  };
  return (
    <Dialog title="Your password was reset" onClose={() => model.putOff()} size="small">
      <div class="dialog-body reset-notice">
        {resets.map((reset) => (
          <p key={reset.at}>
            Your password was reset on <ResetWords reset={reset} ownName={me.name} />.
          </p>
        ))}
        <p class="dialog-text">
          {me.role === "owner"
            ? "If that was not you, change your password: whoever used the link can read your rooms and write in your name."
            : "If you did not ask for it, tell an owner: whoever used the link can read your rooms and write in your name."}
        </p>
        <div class="dialog-foot">
          {/* A guest has no page for it. */}
          {me.role === "guest" ? null : <Button onClick={change}>Change password</Button>}
          <Button kind="primary" onClick={() => model.acknowledge()}>OK</Button>
        </div>
      </div>
    </Dialog>
  );
}
