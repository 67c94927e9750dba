import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Countdown } from "./Countdown.tsx";
import type { SubmitModel } from "./submit_model.ts";

/** The failure of a whole form; failures of single fields are shown below these. */
export function FormFailure(
  { model, fields }: { model: SubmitModel; fields: readonly string[] },
): JSX.Element | null {
  const failure = model.failure.value;
  const waitUntil = model.waitUntil.value;
  const [ended, setEnded] = useState<number | null>(null);
  if (failure === null) return null;
  const isShownBelowFields = failure.issues.length > 0 &&
    failure.issues.every((issue) => fields.includes(issue.path));
  if (isShownBelowFields) return null;
  const isOver = waitUntil === null || ended === waitUntil;
  return (
    <p class="form-failure" role="alert">
      {failure.text}
      {failure.issues.map((issue) => <span key={issue.path}>{` ${issue.message}.`}</span>)}
      {isOver ? null : (
        <>
          {" Try again in "}
          <Countdown until={waitUntil} onEnd={() => setEnded(waitUntil)} />.
        </>
      )}
    </p>
  );
}
