import "../base.ts";
import type { JSX } from "preact";
import { FilesPanel } from "../calls/files/FilesPanel.tsx";
import { useSignedIn } from "./app_context.ts";
import type { OpenFiles } from "./open_files.ts";

export { openFiles } from "./open_files.ts";

/** Files that come and go, wherever one is. */
export function FilesHere({ files }: { readonly files: OpenFiles }): JSX.Element {
  const { app, chat } = useSignedIn();
  const offers = files.offers.value.map((call) => ({
    key: call.callId,
    name: chat.users.nameOf(call.startedBy),
    files: call.files ?? [],
    canReceive: files.model.canReceive,
    onAccept: () => void files.accept(call),
    onDecline: () => files.decline(call),
  }));
  return (
    <FilesPanel
      model={files.model}
      offers={offers}
      nameOf={(userId) => chat.users.nameOf(userId)}
      onProblem={(text) => app.toasts.show(text, "bad")}
    />
  );
}
