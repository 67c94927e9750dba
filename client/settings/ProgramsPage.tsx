import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { NAME_MAX_CHARACTERS, TOKEN_LABEL_MAX_CHARACTERS } from "../../shared/limits.ts";
import { Button } from "../ui/Button.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { CopyField } from "../ui/CopyField.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { Icon } from "../ui/Icon.tsx";
import { LATE_ICONS } from "../ui/late_icons.ts";
import { ListFailure } from "../ui/ListFailure.tsx";
import { describeDay, describeTime } from "../ui/relative_time.ts";
import { SubmitModel } from "../ui/submit_model.ts";
import { SwitchRow } from "../ui/SwitchRow.tsx";
import { TextField } from "../ui/TextField.tsx";
import type { TokenInfo } from "./account_model.ts";
import type { AccountModel } from "./account_model.ts";

const FIELDS = ["label", "bot.name"];

/** Tokens for programs that act as the user or as a bot. */
export function ProgramsPage({ model }: { model: AccountModel }): JSX.Element {
  const submit = useMemo(() => new SubmitModel({ fields: { name_taken: "bot.name" } }), []);
  const [label, setLabel] = useState("");
  const [isBot, setIsBot] = useState(false);
  const [botName, setBotName] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const [ending, setEnding] = useState<TokenInfo | null>(null);
  useEffect(() => void model.tokens.load(), [model]);

  const create = (event: Event) => {
    event.preventDefault();
    if (label.trim() === "") return submit.refuse("label", "Enter what the token is for");
    if (isBot && botName.trim() === "") return submit.refuse("bot.name", "Give the bot a name");
    void submit.run(async () => {
      setSecret(await model.createToken(label.trim(), isBot ? botName.trim() : null));
      setLabel("");
      setBotName("");
    });
  };
  const botTokens = (name: string) =>
    (model.tokens.items.value ?? []).filter(({ botName }) => botName === name).length;
  return (
    <>
      <h3>Programs</h3>
      <p class="page-lead">With a token, a program can act as you, or as a bot with its own name.</p>
      {secret === null ? null : (
        <div class="secret" role="status">
          <p>Copy the token now. You will not see it again.</p>
          <CopyField label="New token" text={secret} />
        </div>
      )}
      <ListFailure list={model.tokens} />
      <ul class="cards">
        {(model.tokens.items.value ?? []).map((token) => (
          <li class="card-row" key={token.id}>
            <Icon name={LATE_ICONS.key} />
            <span class="card-row-words">
              <span dir="auto">
                {token.label}
                {token.botName === null ? null : <span class="tag">{token.botName}</span>}
              </span>
              <small>
                {token.lastUsedAt === null ? "Never used" : `Used ${describeTime(token.lastUsedAt)}`}
                {` · created ${describeDay(token.createdAt)}`}
              </small>
            </span>
            <Button aria-label={`Revoke ${token.label}`} onClick={() => setEnding(token)}>Revoke</Button>
          </li>
        ))}
      </ul>
      <section class="page-part">
        <h4>New token</h4>
        <form onSubmit={create} noValidate>
          <TextField
            label="Purpose"
            placeholder="Backup script"
            maxLength={TOKEN_LABEL_MAX_CHARACTERS}
            value={label}
            onText={setLabel}
            error={submit.issue("label")}
          />
          <SwitchRow
            class="field"
            label="As a bot with its own name"
            isOn={isBot}
            onToggle={({ checked }) => setIsBot(checked)}
          />
          {isBot
            ? (
              <TextField
                label="Bot name"
                maxLength={NAME_MAX_CHARACTERS * 2}
                value={botName}
                onText={setBotName}
                hint="Add it to rooms like a person."
                error={submit.issue("bot.name")}
              />
            )
            : null}
          <FormFailure model={submit} fields={FIELDS} />
          <Button class="go" icon={LATE_ICONS.key} type="submit" isBusy={submit.isBusy.value}>
            Create token
          </Button>
        </form>
      </section>
      {ending === null ? null : (
        <ConfirmDialog
          title={`Revoke “${ending.label}”?`}
          verb="Revoke token"
          action={() => model.revokeToken(ending.id)}
          onClose={() => setEnding(null)}
        >
          {"The program loses its access immediately."}
          {ending.botName !== null && botTokens(ending.botName) === 1
            ? ` It is the last token of ${ending.botName}, so the bot will be deactivated for good.`
            : null}
        </ConfirmDialog>
      )}
    </>
  );
}
