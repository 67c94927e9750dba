import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ComponentState } from "../../shared/status/states.ts";
import { STATE_WORDS } from "../../shared/status/words.ts";
import type { Trpc } from "../net/trpc.ts";
import { PublicHtml } from "./PublicHtml.tsx";

/** As often as the server lets one ask (`STATUS_PREVIEW_RATE`), or the last letters would be missing. */
const WAIT_MS = 500;

/** Props of `PublicPreview`. */
export interface PublicPreviewProps {
  readonly api: Pick<Trpc["status"], "preview">;
  /** Absent for announcements. */
  readonly title?: string;
  readonly text: string;
  /** The step, or the level of an announcement. */
  readonly label: string;
  readonly tone: ComponentState;
  /** States that this claims. */
  readonly components?: readonly { readonly name: string; readonly state: ComponentState }[];
  readonly times?: string;
}

/** What strangers will see of what is being typed: the server takes out mentions and links to rooms. */
export function PublicPreview(props: PublicPreviewProps): JSX.Element {
  const { api, title, text, label, tone, components = [], times } = props;
  const shown = usePreview(api, text, title ?? "");
  return (
    <section class="preview" aria-label="What visitors will see">
      <p class="preview-head">What visitors will see</p>
      <div class={`preview-entry tone-${tone}`}>
        {title === undefined ? null : (
          <p class="preview-title" dir="auto">
            {shown.title === "" ? "No title yet" : shown.title}
            {times === undefined ? null : <small>{times}</small>}
          </p>
        )}
        <div class="preview-body">
          <b>{label}</b>
          {shown.html === "" ? <p class="hint">Nothing yet.</p> : <PublicHtml html={shown.html} />}
        </div>
        {components.length === 0 ? null : (
          <ul class="preview-parts">
            {components.map(({ name, state }) => (
              <li key={name}>
                <span dir="auto">{name}</span>{" "}
                <span class={`tone-text tone-${state}`}>{STATE_WORDS[state]}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

/** What the server made of the words. */
interface Shown {
  readonly html: string;
  readonly title: string;
}

const NOTHING: Shown = { html: "", title: "" };

/** Asks the server a moment after the last key; what it said before stays until then. */
function usePreview(api: PublicPreviewProps["api"], text: string, title: string): Shown {
  const [shown, setShown] = useState(NOTHING);
  useEffect(() => {
    const given = { ...text.trim() === "" ? {} : { text }, ...title.trim() === "" ? {} : { title } };
    if (Object.keys(given).length === 0) return setShown(NOTHING);
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const answer = await api.preview.query(given, { signal: abort.signal });
        if (!abort.signal.aborted) setShown({ ...NOTHING, ...answer });
      } catch {
        // Too long, or no connection: the form itself says so when it is sent.
      }
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [api, text, title]);
  return shown;
}
