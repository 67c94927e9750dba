import type { JSX } from "preact";
import { TextField } from "../ui/TextField.tsx";
import { SelectField } from "../ui/SelectField.tsx";
import type { PersonSettings, SettingsChange } from "./person_settings_model.ts";

/** What the switch turns on. */
const NIGHT = { from: "22:00", to: "07:00" } as const;

/** Props of `QuietHoursPart`. */
export interface QuietHoursPartProps {
  readonly settings: PersonSettings;
  /** The zone of this device. */
  readonly deviceZone: string;
  readonly onChange: (change: SettingsChange) => void;
}

/** Quiet hours, and the zone whose clock they follow. */
export function QuietHoursPart({ settings, deviceZone, onChange }: QuietHoursPartProps): JSX.Element {
  const { quietHours, timeZone } = settings;
  const zone = timeZone ?? deviceZone;
  const setTime = (end: "from" | "to", time: string) => {
    const next = { ...quietHours ?? NIGHT, [end]: time };
    // An empty field, while somebody types, is no time.
    if (time !== "" && next.from !== next.to) onChange({ quietHours: next });
  };
  return (
    <section class="page-part">
      <h4>Quiet hours</h4>
      <label class="switch-row call-setting">
        <span>
          Every day
          <small class="hint">Nothing is shown or heard. What arrives is unread afterwards.</small>
        </span>
        <input
          class="switch"
          type="checkbox"
          role="switch"
          checked={quietHours !== null}
          onChange={({ currentTarget: { checked } }) =>
            onChange(checked ? { quietHours: NIGHT, timeZone: zone } : { quietHours: null })}
        />
      </label>
      {quietHours === null ? null : (
        <div class="quiet-hours">
          <TextField
            label="From"
            type="time"
            dir="ltr"
            required
            value={quietHours.from}
            onText={(time) => setTime("from", time)}
          />
          <TextField
            label="To"
            type="time"
            dir="ltr"
            required
            value={quietHours.to}
            onText={(time) => setTime("to", time)}
          />
          <SelectField
            label="Time zone"
            value={zone}
            options={zonesWith([zone, deviceZone]).map((name) => [name, name.replaceAll("_", " ")])}
            onValue={(value) => onChange({ timeZone: value })}
          />
        </div>
      )}
    </section>
  );
}

/** Browsers list one name of each zone; the ones that are used may be others. */
function zonesWith(names: readonly string[]): readonly string[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), ...names])].toSorted();
}
