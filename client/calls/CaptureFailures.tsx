import type { JSX } from "preact";
import { describeCaptureFailure } from "./media/capture_failure.ts";
import type { CaptureFailure } from "./media/capture_failure.ts";

/** Props of `CaptureFailures`. */
export interface CaptureFailuresProps {
  readonly failures: readonly CaptureFailure[];
}

/** What is not captured: what happened, and how to mend it in this browser. */
export function CaptureFailures({ failures }: CaptureFailuresProps): JSX.Element {
  return (
    <div class="lobby-failures" role="status">
      {failures.map((failure) => {
        const { title, advice } = describeCaptureFailure(failure);
        return (
          <p key={failure.kind}>
            <b>{title}.</b> {advice}
          </p>
        );
      })}
    </div>
  );
}
