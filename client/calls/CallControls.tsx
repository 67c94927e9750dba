import type { ComponentChildren, JSX } from "preact";
import type { CallSession, SessionPhase } from "../../shared/call/call_state.ts";
import { Icon } from "../ui/Icon.tsx";
import type { IconChoice } from "../ui/icons.ts";
import { Menu } from "../ui/Menu.tsx";
import type { MenuItem } from "../ui/Menu.tsx";
import { CALL_ICONS } from "./call_icons.ts";
import type { CallCommands } from "./call_commands.ts";
import { CallTime } from "./CallTime.tsx";
import { describePhase } from "./call_words.ts";

/** Props of `CallControls`. */
export interface CallControlsProps {
  readonly title: string;
  readonly phase: SessionPhase;
  readonly session: CallSession;
  readonly commands: CallCommands;
  /** The server's clock in epoch milliseconds. */
  readonly serverNow: () => number;
  /** False on phones, whose browsers share no screens. */
  readonly canShare: boolean;
  readonly isChatShown: boolean;
  /** Messages that were not read yet. */
  readonly unreadCount: number;
  readonly onChat: () => void;
  readonly menu: readonly MenuItem[];
}

/** The time and the buttons below the tiles. */
export function CallControls(props: CallControlsProps): JSX.Element {
  const { title, phase, session, commands, serverNow, canShare, isChatShown, unreadCount, onChat, menu } =
    props;
  const { mic, cam, screen, hand } = session.want;
  const chat = unreadCount === 0 ? "Messages" : `Messages, ${unreadCount} unread`;
  return (
    <div class="call-controls">
      <p class="call-where">
        <bdi>{title}</bdi> · {describePhase(phase, session) ??
          (session.call && <CallTime startedAt={session.call.startedAt} serverNow={serverNow} />)}
      </p>
      <div class="call-main" role="group" aria-label="Call">
        <Control
          icon={mic ? CALL_ICONS.mic : CALL_ICONS.micOff}
          label={mic ? "Mute" : "Unmute"}
          shortcut="M"
          isOff={!mic}
          onClick={commands.toggleMic}
        />
        <Control
          icon={cam ? CALL_ICONS.camera : CALL_ICONS.cameraOff}
          label="Camera"
          shortcut="V"
          isOn={cam}
          onClick={commands.toggleCamera}
        />
        {canShare
          ? (
            <Control
              icon={screen ? CALL_ICONS.screenOff : CALL_ICONS.screen}
              label={screen ? "Stop sharing" : "Share"}
              shortcut="S"
              isLit={screen}
              onClick={commands.toggleScreen}
            />
          )
          : null}
        {hand
          ? (
            <Control
              icon={CALL_ICONS.hand}
              label="Lower hand"
              shortcut="H"
              isLit
              onClick={commands.toggleHand}
            />
          )
          : null}
        <Control
          icon={CALL_ICONS.hangUp}
          label="Leave"
          shortcut="Alt+Q"
          class="is-end"
          onClick={commands.leave}
        />
      </div>
      <div class="call-side">
        <Control
          icon="message"
          label={chat}
          isIconOnly
          isOn={isChatShown}
          onClick={onChat}
        >
          {unreadCount === 0 ? null : <span class="call-unread" aria-hidden="true">{unreadCount}</span>}
        </Control>
        <Menu label="More" items={menu} class="call-control">
          <Icon name="ellipsis" />
        </Menu>
      </div>
    </div>
  );
}

interface ControlProps {
  readonly icon: IconChoice;
  readonly label: string;
  /** The single key that does the same. */
  readonly shortcut?: string;
  readonly class?: string;
  /** Of a switch; absent for a button whose words change. */
  readonly isOn?: boolean;
  readonly isOff?: boolean;
  readonly isLit?: boolean;
  readonly isIconOnly?: boolean;
  readonly onClick: () => void;
  readonly children?: ComponentChildren;
}

function Control(props: ControlProps): JSX.Element {
  const { icon, label, shortcut, isOn, isOff = false, isLit = false, isIconOnly = false, onClick } = props;
  const classes = ["call-control", isOff ? "is-off" : "", isLit || isOn ? "is-lit" : "", props.class ?? ""];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(" ")}
      aria-pressed={isOn}
      aria-label={isIconOnly ? label : undefined}
      aria-keyshortcuts={shortcut}
      title={shortcut === undefined ? label : `${label} (${shortcut})`}
      onClick={onClick}
    >
      <Icon name={icon} />
      {isIconOnly ? null : <span>{label}</span>}
      {props.children}
    </button>
  );
}
