import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { SessionId } from "../../shared/ids.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { Icon } from "../ui/Icon.tsx";
import { LATE_ICONS } from "../ui/late_icons.ts";
import { ListFailure } from "../ui/ListFailure.tsx";
import { describeDay, describeTime } from "../ui/relative_time.ts";
import { SubmitModel } from "../ui/submit_model.ts";
import type { AccountModel } from "./account_model.ts";
import { describeUserAgent, isPhone } from "./user_agent.ts";

/** The user's sessions, with buttons to end them. */
export function DevicesPage({ model }: { model: AccountModel }): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  useEffect(() => void model.sessions.load(), [model]);
  const revoke = (sessionId: SessionId) => void submit.run(() => model.revokeSession(sessionId));
  return (
    <>
      <h3>Devices</h3>
      <p class="page-lead">
        Where you are signed in. If you do not recognize a device, sign it out and change your password.
      </p>
      <ListFailure list={model.sessions} />
      <FormFailure model={submit} fields={[]} />
      <ul class="cards">
        {(model.sessions.items.value ?? []).map((session) => (
          <li class="card-row" key={session.id}>
            <Icon name={isPhone(session.userAgent) ? LATE_ICONS.smartphone : LATE_ICONS.laptop} />
            <span class="card-row-words">
              <span>
                {describeUserAgent(session.userAgent)}
                {session.current ? <span class="tag is-good">this device</span> : null}
              </span>
              <small>
                {session.current ? "Active now" : `Active ${describeTime(session.lastSeenAt)}`}
                {` · signed in ${describeDay(session.createdAt)}`}
              </small>
            </span>
            {session.current ? null : (
              <Button
                isBusy={submit.isBusy.value}
                onClick={() => revoke(session.id)}
                aria-label={`Sign out ${describeUserAgent(session.userAgent)}`}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
