import { render } from "preact";
import { Markdown } from "../../../client/ui/markdown/Markdown.tsx";
import { BAD_ADDRESSES, LINK_FORMS, NASTY_TEXTS } from "./nasty_texts.ts";

/** Every nasty text as a message, and one tame. Run in a browser by markdown_browser_test.ts. */
const ATTACKS = BAD_ADDRESSES.flatMap((address) => LINK_FORMS.map((form) => form(address)));
const TAME = "**bold** `code` [notes](https://a.example/x) @Ana #General\n```ts\nconst a = 1;\n```\n- one";
/** In Cyrillic letters. */
const LOOKALIKE = "@\u0410n\u0430 is here";
const NAMES = [
  { sigil: "@", id: "ana", name: "Ana" },
  { sigil: "#", id: "AAAAAAAAAAAAAAAA", name: "General" },
] as const;

function Page() {
  return (
    <>
      <h1>Messages</h1>
      <section id="tame">
        <Markdown
          text={TAME}
          names={NAMES}
          me="ana"
          onOpenPath={(path) => {
            document.title = path;
          }}
        />
      </section>
      <section id="lookalike">
        <Markdown text={LOOKALIKE} names={NAMES} me="ana" />
      </section>
      <section id="nasty">
        {[...NASTY_TEXTS, ...ATTACKS].map((text, index) => (
          <Markdown
            key={index}
            text={text}
            names={NAMES}
          />
        ))}
      </section>
    </>
  );
}

const place = document.getElementById("app");
if (place !== null) render(<Page />, place);
