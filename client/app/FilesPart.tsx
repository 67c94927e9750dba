import "../base.ts";
import type { JSX } from "preact";
import { FilesPanel } from "../calls/files/FilesPanel.tsx";
import { useSignedIn } from "./app_context.ts";
import type { OpenFiles } from "./open_files.ts";

export { openFiles } from "./open_files.ts";

/** Files that come and go, wherever one is. */
export function FilesHere({ files }: { readonly files: OpenFiles }): JSX.Element {
  const { app, chat } = useSignedIn();
  const offers = files.offers.value.map((call) => {
    // Whoever offers something says what; without that they wait for what was interrupted.
    const rest = call.files === undefined ? files.model.interruptedWith(call.startedBy) : [];
    return {
      key: call.callId,
      name: chat.users.nameOf(call.startedBy),
      isAsked: rest.length > 0,
      files: call.files ?? rest,
      canReceive: files.model.canReceive,
      onAccept: () => void files.accept(call),
      onDecline: () => files.decline(call),
    };
  });
  return (
    <FilesPanel
      model={files.model}
      offers={offers}
      onGoOn={files.isFree.value ? (userId) => void files.goOn(userId) : null}
      nameOf={(userId) => chat.users.nameOf(userId)}
      onProblem={(text) => app.toasts.show(text, "bad")}
    />
  );
}
