import type { CommandSpec } from "./command_specs.ts";
import { OPTION_VALUES } from "./command_specs.ts";
import { offeredCommands } from "./parse_command.ts";
import type { CommandSurroundings } from "./parse_command.ts";

/** Shorter words are more often a text than an option; Enter must send then. */
const OPTION_MIN = 3;

/** How a command could go on. */
export interface CommandCompletion {
  /** The whole command so far, with the completion, and without the slash. */
  readonly insert: string;
  readonly label: string;
  readonly about: string;
}

/** Lists how a command that is typed so far could go on; `query` is without its slash. */
export function completeCommand(query: string, around: CommandSurroundings): CommandCompletion[] {
  const typed = query.toLowerCase();
  const offered = offeredCommands(around);
  const spec = offered.find(({ name }) => typed.startsWith(`${name} `));
  if (spec !== undefined) return completeWord(query, spec, around);
  return offered.filter(({ name }) => name.startsWith(typed) && name !== typed).map(({ name, about }) => ({
    insert: name,
    label: `/${name}`,
    about,
  }));
}

/** The last word may be a choice or an option; text needs none. */
function completeWord(
  query: string,
  { name, choices, options }: CommandSpec,
  around: CommandSurroundings,
): CommandCompletion[] {
  const start = query.lastIndexOf(" ") + 1;
  const word = query.slice(start).toLowerCase();
  const before = query.slice(0, start);
  const isFirst = before.trim().toLowerCase() === name;
  // Inside quotes, words are text.
  if (before.split('"').length % 2 === 0) return [];
  const words = isFirst && choices.length > 0
    ? choices
    : word.length < OPTION_MIN
    ? []
    : optionWords(options, around);
  return words.filter((one) => one.startsWith(word) && one !== word).slice(0, 8).map((one) => ({
    insert: before + one,
    label: one,
    about: "",
  }));
}

function optionWords(options: CommandSpec["options"], { status }: CommandSurroundings): string[] {
  return options.flatMap((option) => {
    if (option === "component") return (status?.components ?? []).map(({ id }) => `component:${id}`);
    return option === "impact" ? OPTION_VALUES.impact.map((impact) => `impact:${impact}`) : [];
  });
}
