import { ANNOUNCEMENT_LEVELS, IMPACTS, INCIDENT_STATES } from "../status/states.ts";

/** Who is offered a command. */
export type CommandAudience = "status.manage";

/** One form of a command, for completion and for texts about what is allowed. */
export interface CommandSpec {
  /** The words that it begins with, without the slash: `incident open`. */
  readonly name: string;
  /** How it is written. */
  readonly usage: string;
  readonly about: string;
  readonly audience: CommandAudience;
  /** Words that may follow the name, if it must be one of these. */
  readonly choices: readonly string[];
  /** Options that it takes, written `name:value`. */
  readonly options: readonly ("component" | "impact" | "until" | "from" | "incident" | "maintenance")[];
}

const audience = "status.manage";

/** All commands. A new one is a row here, a case in `parseCommand`, and what is done with it. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "incident open",
    usage: '/incident open "Calls fail" component:calls impact:major We are looking into it',
    about: "Tell everybody that something is wrong",
    audience,
    choices: [],
    options: ["component", "impact"],
  },
  {
    name: "incident update",
    usage: "/incident update identified The relay ran out of ports",
    about: "Say what is new",
    audience,
    choices: INCIDENT_STATES,
    options: ["incident"],
  },
  {
    name: "incident resolve",
    usage: "/incident resolve It works again",
    about: "Say that it is over",
    audience,
    choices: [],
    options: ["incident"],
  },
  {
    name: "announce",
    usage: '/announce warning "The server restarts" until:18:00',
    about: "Tell everybody something",
    audience,
    choices: ANNOUNCEMENT_LEVELS,
    options: ["until"],
  },
  {
    name: "maintenance plan",
    usage: '/maintenance plan "New disks" from:22:00 until:23:00 component:storage Storage is down',
    about: "Announce planned work",
    audience,
    choices: [],
    options: ["from", "until", "component"],
  },
  {
    name: "maintenance start",
    usage: "/maintenance start We begin",
    about: "Say that it has started",
    audience,
    choices: [],
    options: ["maintenance"],
  },
  {
    name: "maintenance extend",
    usage: "/maintenance extend until:23:30 It takes longer",
    about: "Say that it takes longer",
    audience,
    choices: [],
    options: ["until", "maintenance"],
  },
  {
    name: "maintenance finish",
    usage: "/maintenance finish All done",
    about: "Say that it is over",
    audience,
    choices: [],
    options: ["maintenance"],
  },
  {
    name: "maintenance cancel",
    usage: "/maintenance cancel Not needed any more",
    about: "Say that it does not happen",
    audience,
    choices: [],
    options: ["maintenance"],
  },
];

/** Values of options that are always the same. */
export const OPTION_VALUES = { impact: IMPACTS } as const;
