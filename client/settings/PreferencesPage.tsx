import { Fragment } from "preact";
import type { JSX } from "preact";
import type { Theme } from "../app/preferences.ts";
import { Icon } from "../ui/Icon.tsx";
import type { IconChoice } from "../ui/icons.ts";
import { LATE_ICONS } from "../ui/late_icons.ts";
import { SwitchRow } from "../ui/SwitchRow.tsx";

/** Props of `PreferencesPage`. */
export interface PreferencesPageProps {
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
  readonly enterSends: boolean;
  readonly onEnterSends: (enterSends: boolean) => void;
  /** Null until the settings are loaded. */
  readonly showReadState: boolean | null;
  readonly onShowReadState: (showReadState: boolean) => void;
}

const THEMES: readonly (readonly [Theme, string, IconChoice])[] = [
  ["system", "System", LATE_ICONS.monitor],
  ["light", "Light", LATE_ICONS.sun],
  ["dark", "Dark", LATE_ICONS.moon],
];

/** Keys and what they do. */
const SHORTCUTS: readonly (readonly [readonly string[], string])[] = [
  [["Alt", "↑", "↓"], "Previous or next room"],
  [["Alt", "Shift", "↑", "↓"], "Previous or next unread room"],
  [["j", "k"], "Next or previous message (outside the box)"],
  [["Home", "End"], "First or last message (from a message)"],
  [["Alt", "click"], "Mark as unread from this message"],
  [["↑"], "Edit your last message (if the box is empty)"],
  [["Ctrl", "b"], "Bold"],
  [["Ctrl", "i"], "Italic"],
  [["M"], "In a call: mute or unmute"],
  [["V"], "In a call: camera on or off"],
  [["S"], "In a call: share your screen, or stop"],
  [["H"], "In a call: raise or lower your hand"],
  [["Alt", "q"], "Leave the call"],
  [["Ctrl", "Shift", "d"], "State of the connection"],
  [["Esc"], "Cancel editing or replying, or mark the room as read"],
];

/** The theme of this device, and what holds on all of them. */
export function PreferencesPage(props: PreferencesPageProps): JSX.Element {
  const { theme, onTheme, enterSends, onEnterSends, showReadState, onShowReadState } = props;
  return (
    <>
      <h3>Preferences</h3>
      <p class="page-lead">The theme is for this device, everything else for all of yours.</p>
      <fieldset class="choices">
        <legend class="legend">Theme</legend>
        {THEMES.map(([value, title, icon]) => (
          <label class="choice" key={value}>
            <input
              type="radio"
              name="theme"
              checked={theme === value}
              onChange={() => onTheme(value)}
            />
            <Icon name={icon} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      <fieldset class="choices">
        <legend class="legend">Enter</legend>
        <label class="choice">
          <input type="radio" name="enter" checked={enterSends} onChange={() => onEnterSends(true)} />
          <span>
            Sends<small>Shift+Enter inserts a line break.</small>
          </span>
        </label>
        <label class="choice">
          <input type="radio" name="enter" checked={!enterSends} onChange={() => onEnterSends(false)} />
          <span>
            Inserts a line break<small>Shift+Enter or Ctrl+Enter sends.</small>
          </span>
        </label>
      </fieldset>
      <section class="page-part">
        <SwitchRow
          label="Read receipts"
          isOn={showReadState ?? false}
          isDisabled={showReadState === null}
          onToggle={({ checked }) => onShowReadState(checked)}
        >
          Members of your rooms can find out how far you have read, and you of them.
        </SwitchRow>
      </section>
      <section class="page-part">
        <h4>Keyboard shortcuts</h4>
        <dl class="keys">
          {SHORTCUTS.map(([keys, effect]) => (
            <div key={effect}>
              <dt>
                {keys.map((key) => (
                  <Fragment key={key}>
                    <kbd>{key}</kbd>
                    {" "}
                  </Fragment>
                ))}
              </dt>
              <dd>{effect}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
