import type { ComponentChildren, JSX } from "preact";
import { describeCaptureFailure } from "./media/describe_capture_failure.ts";
import type { CaptureFailure } from "./media/capture_failure.ts";

/** Props of `CaptureFailures`. */
export interface CaptureFailuresProps {
  readonly failures: readonly CaptureFailure[];
  readonly frame: (failure: CaptureFailure, words: ComponentChildren) => JSX.Element;
}

/** What is not captured: what happened, and how to mend it in this browser. */
export function CaptureFailures({ failures, frame }: CaptureFailuresProps): JSX.Element {
  return (
    <>
      {failures.map((failure) => {
        const { title, advice } = describeCaptureFailure(failure);
        return frame(
          failure,
          <>
            <b>{title}.</b> {advice}
          </>,
        );
      })}
    </>
  );
}
