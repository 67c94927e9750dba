import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { Notice } from "../ui/Notice.tsx";
import { describeDay } from "../ui/relative_time.ts";
import { SubmitModel } from "../ui/submit_model.ts";
import { SwitchRow } from "../ui/SwitchRow.tsx";
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
      <WorkspaceSwitch model={model} setting="membersMayInvite" label="Members may invite members">
        Otherwise only admins can. Members can always invite guests to their rooms.
      </WorkspaceSwitch>
      {isOwner && (
        <WorkspaceSwitch model={model} setting="showsActivity" label="Show activity on the status page">
          Everybody sees how many people are online and how many messages were sent today, but no number below
          5.
        </WorkspaceSwitch>
      )}
    </>
  );
}

/** Props of `WorkspaceSwitch`. */
interface WorkspaceSwitchProps {
  readonly model: AdminModel;
  readonly setting: "membersMayInvite" | "showsActivity";
  readonly label: string;
  /** What the setting means. */
  readonly children: string;
}

/** Something that is on or off for the whole workspace; saved at once. */
function WorkspaceSwitch({ model, setting, label, children }: WorkspaceSwitchProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const workspace = model.workspace.value;
  const toggle = async (box: HTMLInputElement) => {
    const isDone = await submit.run(() => model.updateWorkspace({ [setting]: box.checked }));
    if (!isDone) box.checked = model.workspace.peek()?.[setting] === true;
  };
  return (
    <section class="page-part">
      <SwitchRow
        label={label}
        isOn={workspace?.[setting] === true}
        isDisabled={workspace === null}
        onToggle={(box) => void toggle(box)}
      >
        {children}
      </SwitchRow>
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
