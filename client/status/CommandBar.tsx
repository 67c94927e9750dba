import type { JSX } from "preact";
import type { Command } from "../../shared/commands/parse_command.ts";
import { INCIDENT_WORDS, MAINTENANCE_WORDS } from "../../shared/status/words.ts";
import { LEVEL_TONES } from "../../shared/status/tones.ts";
import { describeTime } from "./local_time.ts";
import type { CommandModel, CommandPreview } from "./command_model.ts";
import { PublicPreview } from "./PublicPreview.tsx";
import type { PublicPreviewProps } from "./PublicPreview.tsx";

/** Above the box: what strangers will see of the command in it, or what is wrong with it. */
export function CommandBar({ model }: { readonly model: CommandModel }): JSX.Element {
  const state = model.state.value;
  return (
    <div class="command-bar">
      <div role="status">
        {state.type !== "preview" ? null : (
          <>
            <p class="command-hint">{hintOf(state, model)}</p>
            <PublicPreview
              preview={model.preview}
              words={state.command}
              {...previewOf(state.command, model)}
            />
          </>
        )}
      </div>
      <p class="command-problem" role="alert">{state.type === "problem" ? state.text : null}</p>
    </div>
  );
}

function hintOf({ command, isBusy }: CommandPreview, { preview }: CommandModel): string {
  if (isBusy) return "Publishing…";
  if (preview.failure.value !== null) return "Press Enter to try again.";
  return preview.isOf(command) ? "Press Enter again to publish this." : "One moment…";
}

function previewOf(
  command: Command,
  model: CommandModel,
): Omit<PublicPreviewProps, "preview" | "words"> {
  switch (command.type) {
    case "open_incident":
      return {
        label: INCIDENT_WORDS.investigating,
        tone: "degraded_performance",
        components: command.components.map(({ id, status }) => ({ name: model.nameOf(id), state: status })),
      };
    case "update_incident":
      return {
        label: INCIDENT_WORDS[command.state],
        tone: command.state === "resolved" ? "operational" : "degraded_performance",
      };
    case "announce": {
      const until = command.expiresAt === null ? "" : `, until ${describeTime(command.expiresAt)}`;
      return { label: `Announcement${until}`, tone: LEVEL_TONES[command.level] };
    }
    case "plan_maintenance":
      return {
        label: MAINTENANCE_WORDS.scheduled,
        tone: "under_maintenance",
        times: `${describeTime(command.startsAt)} to ${describeTime(command.endsAt)}`,
        components: command.components.map((id) => ({ name: model.nameOf(id), state: "under_maintenance" })),
      };
    case "update_maintenance":
      return {
        label: MAINTENANCE_WORDS[command.state],
        tone: "under_maintenance",
        ...command.endsAt === null ? {} : { times: `until ${describeTime(command.endsAt)}` },
      };
  }
}
