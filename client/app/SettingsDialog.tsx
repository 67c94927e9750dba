import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { InvitesPage } from "../admin/InvitesPage.tsx";
import { isAdmin } from "../admin/is_admin.ts";
import { PeoplePage } from "../admin/PeoplePage.tsx";
import { WorkspacePage } from "../admin/WorkspacePage.tsx";
import { AccountPage } from "../settings/AccountPage.tsx";
import { DevicesPage } from "../settings/DevicesPage.tsx";
import { PreferencesPage } from "../settings/PreferencesPage.tsx";
import { ProgramsPage } from "../settings/ProgramsPage.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { LATE_ICONS } from "../ui/late_icons.ts";
import { Pages } from "../ui/Pages.tsx";
import type { Page } from "../ui/Pages.tsx";
import { useSignedIn } from "./app_context.ts";
import { LatePart } from "./late_part.ts";
import { NotificationSettings } from "./NotificationSettings.tsx";
import { settingsOf } from "./settings_models.ts";

const callSettings = new LatePart(() => import("./CallSettingsPart.tsx"));

function LateCallSettings(): JSX.Element {
  useEffect(() => void callSettings.load(), []);
  const part = callSettings.value.value;
  return part === null ? <p class="page-lead" aria-busy="true">Loading…</p> : <part.CallSettingsPage />;
}

const inspector = new LatePart(() => import("./InspectorPart.tsx"));

function LateConnection(): JSX.Element {
  useEffect(() => void inspector.load(), []);
  const part = inspector.value.value;
  return part === null ? <p class="page-lead" aria-busy="true">Loading…</p> : <part.ConnectionPage />;
}

/** Only owners and admins load it, and only when they open its page. */
const statusSettings = new LatePart(() => import("./StatusSettingsPart.tsx"));

function LateStatusSettings(): JSX.Element {
  useEffect(() => void statusSettings.load(), []);
  const part = statusSettings.value.value;
  return part === null ? <p class="page-lead" aria-busy="true">Loading…</p> : <part.StatusSettingsPage />;
}

/** Props of `SettingsDialog`. */
export interface SettingsDialogProps {
  /** Id of the page that is open first. */
  readonly page?: string;
  readonly onClose: () => void;
}

/** The user's settings; for admins, also users, invitations, the workspace and the public status. */
export function SettingsDialog({ page, onClose }: SettingsDialogProps): JSX.Element {
  const { app, chat, me, people } = useSignedIn();
  const { preferences, router } = app;
  const { account, admin, person } = settingsOf(chat);
  const saved = (text: string) => app.toasts.show(text);
  const invite = () => router.open("invite");

  const pages: Page[] = [
    {
      id: "account",
      title: "Account",
      icon: LATE_ICONS.user,
      render: () => (
        <AccountPage
          model={account}
          me={me}
          onSaved={saved}
          onSignOut={() => void app.signOut()}
        />
      ),
    },
    {
      id: "preferences",
      title: "Preferences",
      icon: LATE_ICONS.sun,
      render: () => (
        <PreferencesPage
          theme={preferences.theme.value}
          onTheme={(theme) => preferences.set({ theme })}
          enterSends={preferences.enterSends.value}
          onEnterSends={(enterSends) => void person.set({ enterSends })}
          showReadState={person.all.value?.showReadState ?? null}
          onShowReadState={(showReadState) => void person.set({ showReadState })}
        />
      ),
    },
    {
      id: "notifications",
      title: "Notifications",
      icon: LATE_ICONS.bell,
      render: () => <NotificationSettings />,
    },
    {
      id: "calls",
      title: "Calls",
      icon: LATE_ICONS.phone,
      render: () => <LateCallSettings />,
    },
    {
      id: "devices",
      title: "Devices",
      icon: LATE_ICONS.laptop,
      render: () => <DevicesPage model={account} />,
    },
    {
      id: "connection",
      title: "Connection",
      icon: "refresh",
      render: () => <LateConnection />,
    },
  ];
  if (me.role !== "guest") {
    pages.push(
      {
        id: "programs",
        title: "Programs",
        icon: LATE_ICONS.key,
        render: () => <ProgramsPage model={account} />,
      },
      {
        id: "invites",
        title: "Invites",
        icon: "link",
        render: () => (
          <InvitesPage
            model={admin}
            nameOf={people.nameOf}
            roomNameOf={(roomId) => chat.rooms.find(roomId)?.name ?? "a room"}
            onInvite={invite}
          />
        ),
      },
    );
  }
  if (isAdmin(me.role)) {
    pages.push(
      {
        id: "people",
        title: "People",
        icon: "users",
        render: () => (
          <PeoplePage
            model={admin}
            me={me}
            dot={people.dot}
            deactivatedAt={(userId) => chat.users.find(userId)?.deactivatedAt ?? null}
            onInvite={invite}
          />
        ),
      },
      {
        id: "workspace",
        title: "Workspace",
        icon: "settings",
        render: () => <WorkspacePage model={admin} isOwner={me.role === "owner"} onSaved={saved} />,
      },
      {
        id: "public_status",
        title: "Status",
        icon: LATE_ICONS.activity,
        render: () => <LateStatusSettings />,
      },
    );
  }
  return (
    <Dialog title="Settings" onClose={onClose} size="wide">
      <Pages key={page} pages={pages} label="Settings" first={page} />
    </Dialog>
  );
}
