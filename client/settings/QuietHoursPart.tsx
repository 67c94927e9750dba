import type { JSX } from "preact";
import { TextField } from "../ui/TextField.tsx";
import { SwitchRow } from "../ui/SwitchRow.tsx";
import { SelectField } from "../ui/SelectField.tsx";
import type { PersonSettings, SettingsChange } from "./person_settings_model.ts";

/** What the switch turns on. */
const NIGHT = { from: "22:00", to: "07:00" } as const;

const ENDS = [["from", "From"], ["to", "To"]] as const;

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
  const setTime = (end: keyof typeof NIGHT, time: string) => {
    const next = { ...quietHours ?? NIGHT, [end]: time };
    // An empty field, while somebody types, is no time.
    if (time !== "" && next.from !== next.to) onChange({ quietHours: next });
  };
  return (
    <section class="page-part">
      <h4>Quiet hours</h4>
      <SwitchRow
        class="spaced"
        label="Every day"
        isOn={quietHours !== null}
        onToggle={({ checked }) =>
          onChange(checked ? { quietHours: NIGHT, timeZone: zone } : { quietHours: null })}
      >
        Nothing is shown or heard. What arrives is unread afterwards.
      </SwitchRow>
      {quietHours === null ? null : (
        <div class="quiet-hours">
          {ENDS.map(([end, label]) => (
            <TextField
              key={end}
              label={label}
              type="time"
              dir="ltr"
              required
              value={quietHours[end]}
              onText={(time) => setTime(end, time)}
            />
          ))}
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
