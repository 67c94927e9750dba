import {
  ANNOUNCEMENT_LEVELS,
  canStep,
  canStepMaintenance,
  IMPACTS,
  INCIDENT_STATES,
} from "../status/states.ts";
import type {
  AnnouncementLevel,
  Impact,
  IncidentState,
  MaintenanceState,
  MeasuredState,
} from "../status/states.ts";
import type { AffectedComponent, Status } from "../status/status.ts";
import { INCIDENT_WORDS, MAINTENANCE_WORDS } from "../status/words.ts";
import { COMMANDS } from "./command_specs.ts";
import type { CommandSpec } from "./command_specs.ts";
import { readMoment } from "./moment.ts";
import { textOf, tokensOf } from "./tokens.ts";
import type { Token } from "./tokens.ts";

/** What a command does, ready to be shown and carried out. */
export type Command =
  | {
    readonly type: "open_incident";
    readonly title: string;
    readonly text: string;
    readonly components: readonly AffectedComponent[];
    readonly impact: Impact | null;
  }
  | {
    readonly type: "update_incident";
    readonly id: string;
    readonly title: string;
    readonly state: IncidentState;
    readonly text: string;
  }
  | {
    readonly type: "announce";
    readonly level: AnnouncementLevel;
    readonly text: string;
    readonly expiresAt: string | null;
  }
  | {
    readonly type: "plan_maintenance";
    readonly title: string;
    readonly text: string;
    readonly components: readonly string[];
    readonly startsAt: string;
    readonly endsAt: string;
  }
  | {
    readonly type: "update_maintenance";
    readonly id: string;
    readonly title: string;
    readonly state: MaintenanceState;
    readonly text: string;
    readonly endsAt: string | null;
  };

/** What commands refer to. */
export interface CommandSurroundings {
  readonly isManager: boolean;
  readonly status: Pick<Status, "components" | "incidents" | "maintenances"> | null;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** A command, or what is wrong with it, as a sentence for the user. */
export type ParsedCommand =
  | { readonly type: "command"; readonly command: Command }
  | { readonly type: "problem"; readonly text: string };

class Problem extends Error {}

const FIRST_TEXT = "We are looking into it.";
const CLAIMS: Readonly<Record<Impact, MeasuredState>> = {
  none: "operational",
  minor: "degraded_performance",
  major: "partial_outage",
  critical: "major_outage",
};
const MAINTENANCE_STEPS: Readonly<Record<string, MaintenanceState>> = {
  start: "in_progress",
  finish: "completed",
  cancel: "cancelled",
};
const LITERAL_HINT = "To send the text as it is, begin it with // or a space.";

/** Lists the commands that somebody is offered. */
export function offeredCommands(
  { isManager }: Pick<CommandSurroundings, "isManager">,
): readonly CommandSpec[] {
  return COMMANDS.filter(({ audience }) => audience !== "status.manage" || isManager);
}

/** Reads a text that begins with a slash. */
export function parseCommand(text: string, around: CommandSurroundings): ParsedCommand {
  try {
    return { type: "command", command: read(text, around) };
  } catch (error) {
    if (error instanceof Problem) return { type: "problem", text: error.message };
    throw error;
  }
}

function read(text: string, around: CommandSurroundings): Command {
  const [first, ...rest] = tokensOf(text.slice(1));
  const noun = first?.text.toLowerCase() ?? "";
  const offered = offeredCommands(around);
  const sameNoun = offered.filter(({ name }) => name.split(" ")[0] === noun);
  if (sameNoun.length === 0) {
    const nouns = [...new Set(offered.map(({ name }) => `/${name.split(" ")[0]}`))];
    const allowed = nouns.length === 0 ? "" : ` You can use ${nouns.join(", ")}.`;
    throw new Problem(`There is no command /${noun}.${allowed} ${LITERAL_HINT}`);
  }
  const verb = rest[0]?.text.toLowerCase() ?? "";
  const spec = sameNoun.find(({ name }) => name === noun || name === `${noun} ${verb}`);
  if (spec === undefined) {
    const verbs = sameNoun.map(({ name }) => name.slice(noun.length + 1));
    throw new Problem(`After /${noun} comes one of: ${verbs.join(", ")}.`);
  }
  const args = new Arguments(spec.name === noun ? rest : rest.slice(1), spec);
  switch (spec.name) {
    case "incident open":
      return openIncident(args, around);
    case "incident update":
      return updateIncident(args, around, args.choice(INCIDENT_STATES));
    case "incident resolve":
      return updateIncident(args, around, "resolved");
    case "announce":
      return announce(args, around);
    case "maintenance plan":
      return planMaintenance(args, around);
    default:
      return updateMaintenance(args, around, MAINTENANCE_STEPS[verb] ?? null);
  }
}

/** The words after the name of a command. */
class Arguments {
  readonly #usage: string;
  readonly #options = new Map<string, string[]>();
  #words: Token[] = [];

  constructor(tokens: readonly Token[], { options, usage }: CommandSpec) {
    this.#usage = usage;
    for (const token of tokens) {
      const colon = token.isQuoted ? -1 : token.text.indexOf(":");
      const name = token.text.slice(0, Math.max(0, colon)).toLowerCase();
      if (!options.some((option) => option === name)) {
        this.#words.push(token);
        continue;
      }
      const value = token.text.slice(colon + 1);
      if (value === "") this.fail(`${name}: needs a value`);
      this.#options.set(name, [...this.#options.get(name) ?? [], value]);
    }
  }

  fail(why: string): never {
    throw new Problem(`${why}. For example: ${this.#usage}`);
  }

  all(option: string): readonly string[] {
    return this.#options.get(option) ?? [];
  }

  one(option: string): string | null {
    return this.all(option).at(-1) ?? null;
  }

  /** The next word, which must be one of some. */
  choice<T extends string>(allowed: readonly T[]): T {
    const word = this.#words[0]?.text.toLowerCase();
    const found = allowed.find((one) => one === word);
    if (found === undefined) this.fail(`Say one of ${allowed.join(", ")}`);
    this.#words = this.#words.slice(1);
    return found;
  }

  title(): string {
    const [first] = this.#words;
    if (first === undefined) this.fail("It needs a title in quotes");
    // Without quotes, all words are the title.
    if (!first.isQuoted) {
      const title = textOf(this.#words);
      this.#words = [];
      return title;
    }
    this.#words = this.#words.slice(1);
    return first.text.trim() === "" ? this.fail("It needs a title in quotes") : first.text.trim();
  }

  text(fallback?: string): string {
    const text = textOf(this.#words);
    if (text !== "") return text;
    return fallback ?? this.fail("Say something");
  }
}

function openIncident(args: Arguments, around: CommandSurroundings): Command {
  const impact = args.one("impact");
  const found = IMPACTS.find((one) => one === impact) ?? null;
  if (impact !== null && found === null) args.fail(`The impact is one of ${IMPACTS.join(", ")}`);
  const status = CLAIMS[found ?? "major"];
  return {
    type: "open_incident",
    title: args.title(),
    text: args.text(FIRST_TEXT),
    components: componentsOf(args, around).map((id) => ({ id, status })),
    impact: found,
  };
}

function updateIncident(args: Arguments, around: CommandSurroundings, state: IncidentState): Command {
  const { id, title, state: from } = chosen(args, "incident", around.status?.incidents ?? []);
  if (!canStep(from, state)) {
    args.fail(`It is ${INCIDENT_WORDS[from].toLowerCase()} and cannot become ${state}`);
  }
  return { type: "update_incident", id, title, state, text: args.text() };
}

function announce(args: Arguments, { now }: CommandSurroundings): Command {
  const level = args.choice(ANNOUNCEMENT_LEVELS);
  return { type: "announce", level, text: args.text(), expiresAt: momentOf(args, "until", now) };
}

function planMaintenance(args: Arguments, around: CommandSurroundings): Command {
  const startsAt = momentOf(args, "from", around.now) ?? args.fail("It needs from:");
  const endsAt = momentOf(args, "until", Date.parse(startsAt)) ?? args.fail("It needs until:");
  const components = componentsOf(args, around);
  const title = args.title();
  return { type: "plan_maintenance", title, text: args.text(title), components, startsAt, endsAt };
}

function updateMaintenance(
  args: Arguments,
  around: CommandSurroundings,
  step: MaintenanceState | null,
): Command {
  const maintenance = chosen(args, "maintenance", around.status?.maintenances ?? []);
  const { id, title, state: from } = maintenance;
  const endsAt = momentOf(args, "until", around.now);
  if (step === null && endsAt === null) args.fail("It needs until:");
  const state = step ?? from;
  if (!canStepMaintenance(from, state)) {
    args.fail(`It is ${MAINTENANCE_WORDS[from].toLowerCase()} and cannot become ${state}`);
  }
  return { type: "update_maintenance", id, title, state, text: args.text(), endsAt };
}

/** The only open one, or the one that the option counts to. */
function chosen<T extends { readonly title: string }>(
  args: Arguments,
  option: "incident" | "maintenance",
  open: readonly T[],
): T {
  const [first] = open;
  if (first === undefined) return args.fail(`No ${option} is open`);
  const number = args.one(option);
  if (number === null && open.length === 1) return first;
  const found = number === null ? undefined : open[Number(number) - 1];
  if (found !== undefined) return found;
  const list = open.map(({ title }, index) => `${option}:${index + 1} for “${title}”`);
  return args.fail(`Several are open: add ${list.join(" or ")}`);
}

function componentsOf(args: Arguments, { status }: CommandSurroundings): string[] {
  const known = status?.components ?? [];
  return args.all("component").map((value) => {
    const wanted = value.toLowerCase();
    const found = known.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
    return found?.id ?? args.fail(`The components are ${known.map(({ id }) => id).join(", ")}`);
  });
}

function momentOf(args: Arguments, option: "from" | "until", afterMs: number): string | null {
  const value = args.one(option);
  if (value === null) return null;
  return readMoment(value, afterMs) ?? args.fail(`${option}: takes a time such as 18:00, or 30m or 2h`);
}
