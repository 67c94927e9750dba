import { describe, expect, it } from "vitest";
import { enterPushedCall } from "../../../client/app/follow_pushes.ts";
import { ToastModel } from "../../../client/ui/toast_model.ts";
import { CALL } from "../calls/call_states.ts";

describe("a call that a notification leads to", () => {
  it.for<[boolean, readonly string[]]>([[true, []], [false, ["The call is over."]]])(
    "goes on: %s, and the user reads %j",
    async ([isGoingOn, expected]) => {
      using toasts = new ToastModel();
      const calls = { load: () => Promise.resolve({ enterCall: () => Promise.resolve(isGoingOn) }) };
      await enterPushedCall({ app: { toasts }, calls } as never, CALL);
      expect(toasts.toasts.value.map(({ text }) => text)).toEqual(expected);
    },
  );
});
