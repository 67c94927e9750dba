import type { JSX } from "preact";
import { isolated } from "../../../shared/format_characters.ts";
import type { Status } from "../../../shared/status/status.ts";
import { PageFrame } from "./PageFrame.tsx";
import type { PageSetting } from "./PageFrame.tsx";

export interface MissingPageProps extends PageSetting {
  readonly status: Status;
}

/** The page at paths that lead nowhere. */
export function MissingPage({ status: { page, state }, ...setting }: MissingPageProps): JSX.Element {
  const { words } = setting;
  return (
    <PageFrame
      page={page}
      title={`${words.missing} · ${words.live.pageName(isolated(page.name))}`}
      state={state}
      {...setting}
    >
      <h2>{words.missing}</h2>
      <p>{words.missingLine}</p>
      <p>
        <a href="/status">{words.toStatus}</a>
      </p>
    </PageFrame>
  );
}
