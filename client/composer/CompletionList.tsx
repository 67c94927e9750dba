import { useEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import { KEEP_FOCUS } from "./keep_focus.ts";
import type { CompletionItem, Sigil } from "./completion_model.ts";
import type { ConversationComposer } from "./conversation_composer.ts";

const LABELS: Record<Sigil, string> = { "@": "People", "#": "Rooms", ":": "Emoji", "/": "Commands" };

/** The names that complete what is being typed; the box keeps the focus. */
export function CompletionList(
  { id, composer }: { readonly id: string; readonly composer: ConversationComposer },
): JSX.Element | null {
  const list = composer.shown.value.completion.list.value;
  const chosen = useRef<HTMLDivElement>(null);
  useEffect(() => chosen.current?.scrollIntoView({ block: "nearest" }), [list]);
  if (list === null) return null;
  return (
    <div class="completion" id={id} role="listbox" aria-label={LABELS[list.sigil]}>
      {list.items.map((item, index) => (
        <div
          key={item.id}
          ref={index === list.selected ? chosen : null}
          id={`${id}-${index}`}
          class="completion-item"
          role="option"
          aria-selected={index === list.selected}
          {...KEEP_FOCUS}
          onClick={() => composer.complete(item)}
        >
          {drawMark(item)}
          <bdi class="completion-name">{item.label}</bdi>
        </div>
      ))}
    </div>
  );
}

function drawMark(item: CompletionItem): JSX.Element {
  if (item.sigil === "@") return <Face id={item.id} name={item.label} size="xs" />;
  if (item.sigil === "#") return <Icon name={item.isPrivate ? "lock" : "hash"} />;
  return <span class="completion-emoji" aria-hidden="true">{item.emoji}</span>;
}
