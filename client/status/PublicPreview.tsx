import type { JSX } from "preact";
import type { ComponentState } from "../../shared/status/states.ts";
import { STATE_WORDS } from "../../shared/status/words.ts";
import { Button } from "../ui/Button.tsx";
import type { PreviewModel, PublicWords } from "./preview_model.ts";
import { PublicHtml } from "./PublicHtml.tsx";

/** Props of `PublicPreview`. */
export interface PublicPreviewProps {
  readonly preview: PreviewModel;
  readonly words: PublicWords;
  /** The step, or the level of an announcement. */
  readonly label: string;
  readonly tone: ComponentState;
  /** States that this claims. */
  readonly components?: readonly { readonly name: string; readonly state: ComponentState }[];
  readonly times?: string;
  /** Two previews of one page have different names. */
  readonly name?: string;
}

/** What strangers will see of what is being typed: the server takes out mentions and links to rooms. */
export function PublicPreview(props: PublicPreviewProps): JSX.Element {
  const { preview, words, label, tone, components = [], times, name = "What visitors will see" } = props;
  const shown = preview.shown.value;
  const failure = preview.failure.value;
  const isBusy = failure === null && !preview.isOf(words);
  return (
    <section class="preview" aria-label={name} aria-busy={isBusy}>
      <p class="preview-head">{name}</p>
      <div class={`preview-entry tone-${tone}`}>
        {words.title === undefined ? null : (
          <p class="preview-title" dir="auto">
            {shown.title === "" ? "No title yet" : shown.title}
            {times === undefined ? null : <small>{times}</small>}
          </p>
        )}
        <div class="preview-body">
          <b>{label}</b>
          {shown.html === ""
            ? <p class="hint">{isBusy ? "One moment…" : "Nothing yet."}</p>
            : <PublicHtml html={shown.html} />}
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
      {failure === null ? null : (
        <p class="form-failure" role="alert">
          There is no preview of this yet. {failure}{" "}
          <Button kind="quiet" onClick={() => preview.retry()}>Try again</Button>
        </p>
      )}
    </section>
  );
}
