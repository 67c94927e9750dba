import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ComponentState } from "../../shared/status/states.ts";
import { toPublicText } from "../../shared/status/public_text.ts";
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
  const html = usePreview(api, text);
  const shownTitle = title === undefined ? null : toPublicText(title);
  return (
    <section class="preview" aria-label="What visitors will see">
      <p class="preview-head">What visitors will see</p>
      <div class={`preview-story tone-${tone}`}>
        {shownTitle === null ? null : (
          <p class="preview-title" dir="auto">
            {shownTitle === "" ? "No title yet" : shownTitle}
            {times === undefined ? null : <small>{times}</small>}
          </p>
        )}
        <div class="preview-body">
          <b>{label}</b>
          {html === "" ? <p class="hint">Nothing yet.</p> : <PublicHtml html={html} />}
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

/** Asks the server a moment after the last key; what it said before stays until then. */
function usePreview(api: PublicPreviewProps["api"], text: string): string {
  const [html, setHtml] = useState("");
  useEffect(() => {
    if (text.trim() === "") return setHtml("");
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const answer = await api.preview.query({ text }, { signal: abort.signal });
        if (!abort.signal.aborted) setHtml(answer.html);
      } catch {
        // Too long, or no connection: the form itself says so when it is sent.
      }
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [api, text]);
  return html;
}
