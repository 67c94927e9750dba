import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../../ui/Dialog.tsx";
import type { RemotePeer } from "../call_parts.ts";

/** Props of `SafetyCode`. */
export interface SafetyCodeProps {
  readonly peer: Pick<RemotePeer, "safetyCode" | "phase">;
  readonly name: string;
  /** In an SFU nothing is encrypted from end to end, so there is no code. */
  readonly isSfu: boolean;
  readonly onClose: () => void;
}

/** The code by which two people make sure that nobody is between them, and how to compare it. */
export function SafetyCode({ peer, name, isSfu, onClose }: SafetyCodeProps): JSX.Element {
  const phase = peer.phase.value;
  const [code, setCode] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void peer.safetyCode().then((found) => {
      if (isCurrent) setCode(found);
    });
    return () => void (isCurrent = false);
  }, [peer, phase]);
  return (
    <Dialog title={`Safety code with ${name}`} onClose={onClose} size="small">
      <div class="dialog-body safety">
        {isSfu
          ? (
            <p class="dialog-text">
              This call goes through a media server because it is large. It is encrypted on the way to that
              server, not from end to end, so there is no code to compare.
            </p>
          )
          : code === null
          ? <p class="dialog-text" role="status">The code is there as soon as you are connected.</p>
          : <ComparedCode code={code} name={name} />}
      </div>
    </Dialog>
  );
}

function ComparedCode({ code, name }: { code: string; name: string }): JSX.Element {
  return (
    <>
      <p class="safety-code" aria-label={`Safety code: ${code}`}>
        {code.split(" ").map((group, index) => <span key={index}>{group}</span>)}
      </p>
      <ol class="safety-steps">
        <li dir="auto">Have {name} open the same window, with you in its title.</li>
        <li>One of you reads the first three groups aloud, the other one the last three.</li>
        <li>Make sure that you know the voice.</li>
      </ol>
      <p class="dialog-text">
        If all groups are the same, nobody can listen in, not even this server. If one differs, leave the call
        and tell your administrator.
      </p>
    </>
  );
}
