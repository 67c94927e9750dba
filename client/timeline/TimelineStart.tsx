import type { JSX } from "preact";
import { Bones } from "../ui/Bones.tsx";
import { Button } from "../ui/Button.tsx";
import { Empty } from "../ui/Empty.tsx";
import type { TimelineProps } from "./Timeline.tsx";

/** Above the first row: the start of the room, a placeholder while it loads, or what went wrong. */
export function TimelineStart(props: TimelineProps & { readonly rowCount: number }): JSX.Element | null {
  const { model, startTitle, startText, onInvite, rowCount } = props;
  const state = model.history.state.value;
  if (state === "failed") {
    return (
      <Empty
        icon="triangleAlert"
        title="The messages could not be loaded"
        actions={<Button icon="refresh" onClick={() => model.reload()}>Try again</Button>}
      >
        {model.history.problem.value}
      </Empty>
    );
  }
  if (state === "loading" && rowCount === 0) return <Loading />;
  if (state !== "ready" || model.hasOlder.value) return null;
  return (
    <div class={rowCount === 0 ? "log-start is-alone" : "log-start"}>
      <Empty
        title={startTitle}
        actions={onInvite === undefined
          ? undefined
          : <Button kind="primary" icon="users" onClick={onInvite}>Invite people</Button>}
      >
        {startText}
      </Empty>
    </div>
  );
}

function Loading(): JSX.Element {
  return (
    <div class="log-bones" aria-busy="true">
      <span class="visually-hidden">Loading messages</span>
      <Bones count={5} />
    </div>
  );
}
