import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { Notice } from "../ui/Notice.tsx";
import { describeDay } from "../ui/relative_time.ts";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import type { AdminModel } from "./admin_model.ts";

/** Props of `WorkspacePage`. */
export interface WorkspacePageProps {
  readonly model: AdminModel;
  readonly isOwner: boolean;
  readonly onSaved: (text: string) => void;
}

/** The name of the workspace, who may invite, and what strangers may know. */
export function WorkspacePage({ model, isOwner, onSaved }: WorkspacePageProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const inviting = useMemo(() => new SubmitModel(), []);
  const [typed, setTyped] = useState<string | null>(null);
  const workspace = model.workspace.value;
  const name = typed ?? workspace?.name ?? "";
  useEffect(() => void submit.run(() => model.loadWorkspace()), [model]);

  const save = async (event: Event) => {
    event.preventDefault();
    if (name.trim() === "") return submit.refuse("name", "Enter a name for the workspace");
    if (await submit.run(() => model.updateWorkspace({ name: name.trim() }))) {
      onSaved("The workspace was renamed.");
    }
  };
  const toggle = async (box: HTMLInputElement) => {
    const isDone = await inviting.run(() => model.updateWorkspace({ membersMayInvite: box.checked }));
    if (!isDone) box.checked = model.workspace.peek()?.membersMayInvite === true;
  };
  return (
    <>
      <h3>Workspace</h3>
      {workspace?.untrustedProxy === undefined ? null : <ProxyNotice address={workspace.untrustedProxy} />}
      {workspace?.certificateEndsAt === undefined
        ? null
        : <CertificateNotice endsAt={workspace.certificateEndsAt} />}
      {workspace?.freeBytes === undefined ? null : <DiskNotice freeBytes={workspace.freeBytes} />}
      <form onSubmit={(event) => void save(event)} noValidate>
        <TextField
          label="Workspace name"
          maxLength={80}
          value={name}
          onText={setTyped}
          hint="Shown above the list of rooms and on invite pages."
          error={submit.issue("name")}
        />
        <FormFailure model={submit} fields={["name"]} />
        <Button class="go" kind="primary" type="submit" isBusy={submit.isBusy.value}>Save name</Button>
      </form>
      <section class="page-part">
        <label class="switch-row">
          <span>
            Members may invite members
            <small class="hint">
              Otherwise only admins can. Members can always invite guests to their rooms.
            </small>
          </span>
          <input
            class="switch"
            type="checkbox"
            role="switch"
            checked={workspace?.membersMayInvite === true}
            disabled={workspace === null}
            onChange={(event) => void toggle(event.currentTarget)}
          />
        </label>
        <FormFailure model={inviting} fields={[]} />
      </section>
      {isOwner && <ActivitySwitch model={model} />}
    </>
  );
}

/** Lets strangers see rough counts on the status page. */
function ActivitySwitch({ model }: { readonly model: AdminModel }): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const workspace = model.workspace.value;
  const toggle = async (box: HTMLInputElement) => {
    const isDone = await submit.run(() => model.updateWorkspace({ showsActivity: box.checked }));
    if (!isDone) box.checked = model.workspace.peek()?.showsActivity === true;
  };
  return (
    <section class="page-part">
      <label class="switch-row">
        <span>
          Show activity on the status page
          <small class="hint">
            Everybody sees how many people are online and how many messages were sent today, but no number
            below 5.
          </small>
        </span>
        <input
          class="switch"
          type="checkbox"
          role="switch"
          checked={workspace?.showsActivity === true}
          disabled={workspace === null}
          onChange={(event) => void toggle(event.currentTarget)}
        />
      </label>
      <FormFailure model={submit} fields={[]} />
    </section>
  );
}

/** Without TRUST_PROXY, wrong passwords of one stranger count for everybody, so admins should know. */
function ProxyNotice({ address }: { readonly address: string }): JSX.Element {
  return (
    <Notice>
      Everyone appears to connect from{" "}
      {address}, so you all share one set of limits. If this is your proxy, start the server with{" "}
      <code>TRUST_PROXY={address}</code>.
    </Notice>
  );
}

/** Afterwards, browsers refuse to open the app. */
function CertificateNotice({ endsAt }: { readonly endsAt: string }): JSX.Element {
  return (
    <Notice>
      The certificate of this address is valid until{" "}
      {describeDay(endsAt)}. Renew it, or look why your proxy does not.
    </Notice>
  );
}

/** On a full disk, nothing is saved any more. */
function DiskNotice({ freeBytes }: { readonly freeBytes: number }): JSX.Element {
  return (
    <Notice>
      The disk of the server has only {Math.floor(freeBytes / 1_000_000)}{" "}
      MB left. When it is full, messages are not saved.
    </Notice>
  );
}
