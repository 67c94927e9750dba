import type { Role } from "../../shared/user.ts";

/** Somebody of the invented workspace. */
export interface Person {
  readonly name: string;
  readonly role: Role;
  readonly presence: "online" | "away" | "offline";
  readonly status?: string;
}

/** Something that was said; `key` names it for a reply. */
export interface Line {
  readonly by: string;
  /** Days before today. */
  readonly day: number;
  readonly at: string;
  readonly text: string;
  readonly key?: string;
  readonly replyTo?: string;
  readonly reactions?: Readonly<Record<string, readonly string[]>>;
}

/** A room, or two people, and what was said there. */
export interface Talk {
  readonly name: string;
  readonly kind: "public" | "private" | "direct";
  readonly topic: string;
  /** The first makes the room; of a direct room the two in it. */
  readonly members: readonly string[];
  readonly lines: readonly Line[];
  /** How many of the last lines the viewer has not read. */
  readonly unreadCount: number;
  readonly isArchived?: boolean;
}

export const VIEWER = "Mia";
export const OWNER = "Ana";
export const BOT = "Release bot";
export const GUEST_ROOM = "Support";

export const PEOPLE: readonly Person[] = [
  { name: OWNER, role: "owner", presence: "online", status: "On the boat until 3" },
  { name: VIEWER, role: "member", presence: "online" },
  { name: "Bo", role: "member", presence: "away", status: "Lunch" },
  { name: "Cleo", role: "admin", presence: "online" },
  { name: "Dara", role: "member", presence: "offline" },
  { name: "Eli", role: "member", presence: "online" },
  { name: "Fumi", role: "guest", presence: "offline", status: "Back on Monday" },
];

const ALL = [OWNER, "Bo", "Cleo", "Dara", "Eli", VIEWER];

export const TALKS: readonly Talk[] = [
  {
    name: "General",
    kind: "public",
    topic: "The whole crew. Be kind, be brief.",
    members: [...ALL, "Fumi"],
    unreadCount: 3,
    lines: [
      { by: OWNER, day: 3, at: "09:02", text: "Welcome aboard. This is where the whole crew reads along." },
      { by: "Dara", day: 3, at: "09:15", text: "Hello all! Where do the charts live?" },
      {
        by: "Cleo",
        day: 3,
        at: "09:18",
        text: "In the shared folder, one per month. Three rules:\n\n1. Never edit last month\n" +
          "2. Depths in **metres**, always\n3. If in doubt, ask in #Support",
      },
      {
        by: "Eli",
        day: 2,
        at: "14:40",
        text: "The pier camera is back: https://example.org/pier",
        reactions: { "🎉": [OWNER, "Bo", VIEWER] },
      },
      {
        by: VIEWER,
        day: 2,
        at: "14:52",
        text: "Thank you! The gulls have found it already.",
        reactions: { "😂": ["Eli", "Dara"] },
      },
      {
        by: "Bo",
        day: 1,
        at: "16:05",
        text: "Moving the files tonight, expect ten slow minutes after 22:00.",
      },
      {
        by: OWNER,
        day: 0,
        at: "08:12",
        text: "Morning! Storage moved to the new disk overnight, nothing to do for you.",
      },
      {
        by: OWNER,
        day: 0,
        at: "08:13",
        text: "The copy runs from there since 04:00. First one took `38 s`.",
        reactions: { "👍": ["Bo", "Cleo", "Eli", VIEWER], "🎉": ["Cleo", "Eli"] },
      },
      {
        by: "Bo",
        day: 0,
        at: "08:20",
        text: "Nice. I wrote down how to get it back, please try it once each:\n\n" +
          "```sh\nsystemctl stop parley\nrsync -a /mnt/usb/parley/ /var/lib/parley/\nsystemctl start parley\n```",
      },
      {
        by: BOT,
        day: 0,
        at: "08:38",
        text: "**v2.4.0** is out: quieter notifications, faster charts. [Notes](https://example.org/notes)",
      },
      {
        by: "Cleo",
        day: 0,
        at: "08:52",
        key: "tides",
        text: `@${VIEWER} could you look at the tide tables before we print them? ` +
          "The second column looks an hour off.",
      },
      {
        by: "Eli",
        day: 0,
        at: "08:53",
        replyTo: "tides",
        text: "It is: daylight saving ended on the 1st.",
        reactions: { "💡": ["Cleo"] },
      },
      { by: "Eli", day: 0, at: "08:53", text: "I can regenerate it in a minute." },
    ],
  },
  {
    name: "Launch",
    kind: "public",
    topic: "Spring season, 1 March",
    members: [OWNER, "Cleo", "Eli", VIEWER],
    unreadCount: 3,
    lines: [
      { by: OWNER, day: 4, at: "11:00", text: "Everything for the first of March goes here." },
      { by: VIEWER, day: 1, at: "15:30", text: "Poster is at the printer." },
      { by: "Cleo", day: 0, at: "08:02", text: "Two prices are missing on page 2." },
      { by: "Cleo", day: 0, at: "08:03", text: `@${VIEWER} do you have the list from last year?` },
      { by: OWNER, day: 0, at: "08:30", text: `@${VIEWER} the printer closes at noon today.` },
    ],
  },
  {
    name: "Design",
    kind: "public",
    topic: "Signs, flags and the web page",
    members: ["Eli", "Bo", "Dara", VIEWER],
    unreadCount: 8,
    lines: [
      { by: "Eli", day: 5, at: "10:00", text: "New signs for the pier, first drafts." },
      { by: VIEWER, day: 2, at: "10:20", text: "The blue one, please." },
      { by: "Dara", day: 1, at: "09:00", text: "Blue reads badly at dusk." },
      { by: "Eli", day: 1, at: "09:02", text: "True. White on teal then?" },
      { by: "Bo", day: 1, at: "09:10", text: "Teal it is." },
      { by: "Dara", day: 1, at: "09:12", text: "With the round corners?" },
      { by: "Eli", day: 1, at: "09:15", text: "With the round corners." },
      { by: "Bo", day: 0, at: "07:50", text: "The plotter is free until ten." },
      { by: "Eli", day: 0, at: "07:52", text: "Sending them now." },
      { by: "Eli", day: 0, at: "07:58", text: "Done, eight sheets." },
    ],
  },
  {
    name: "Kitchen",
    kind: "public",
    topic: "Recipes, leftovers, the kettle",
    members: ["Dara", "Bo", "Eli", VIEWER],
    unreadCount: 0,
    lines: [
      { by: "Dara", day: 1, at: "12:31", text: "Soup is on the stove, help yourselves." },
      { by: "Bo", day: 1, at: "12:40", text: "Best one yet.", reactions: { "🍲": ["Eli", "Dara"] } },
    ],
  },
  {
    name: GUEST_ROOM,
    kind: "public",
    topic: "Ask anything",
    members: ["Cleo", OWNER, "Bo", "Eli", "Fumi", VIEWER],
    unreadCount: 0,
    lines: [
      { by: "Fumi", day: 1, at: "10:05", text: "The gate code does not work for me." },
      { by: "Cleo", day: 1, at: "10:09", text: "It changed on Monday, I sent you the new one." },
      { by: "Fumi", day: 1, at: "10:10", text: "> It changed on Monday\n\nWorks now, thank you!" },
    ],
  },
  {
    name: "Founders",
    kind: "private",
    topic: "",
    members: [OWNER, "Cleo", VIEWER],
    unreadCount: 0,
    lines: [{ by: OWNER, day: 6, at: "18:00", text: "Books for last year are closed." }],
  },
  {
    name: "Boatyard",
    kind: "public",
    topic: "Paint, ropes, the slipway",
    members: [VIEWER],
    unreadCount: 0,
    lines: [],
  },
  {
    name: "Regatta",
    kind: "public",
    topic: "Last summer",
    members: [OWNER, "Bo", "Cleo", VIEWER],
    unreadCount: 0,
    isArchived: true,
    lines: [{ by: "Bo", day: 6, at: "09:00", text: "All buoys are back in the shed. See you next year!" }],
  },
  {
    name: "Weather",
    kind: "public",
    topic: "Wind, tides, warnings",
    members: ["Bo", "Eli", "Dara"],
    unreadCount: 0,
    lines: [{ by: "Bo", day: 0, at: "06:30", text: "Southwest 4, gusts 6 after lunch." }],
  },
  {
    name: "",
    kind: "direct",
    topic: "",
    members: ["Cleo", VIEWER],
    unreadCount: 2,
    lines: [
      { by: VIEWER, day: 1, at: "17:00", text: "Keys are in the blue box." },
      { by: "Cleo", day: 0, at: "08:40", text: "Found them, thanks." },
      { by: "Cleo", day: 0, at: "08:41", text: "Coffee at ten?" },
    ],
  },
  {
    name: "",
    kind: "direct",
    topic: "",
    members: ["Bo", VIEWER],
    unreadCount: 0,
    lines: [{ by: "Bo", day: 2, at: "13:00", text: "The dinghy is yours on Saturday." }],
  },
  {
    name: "",
    kind: "direct",
    topic: "",
    members: [OWNER, VIEWER],
    unreadCount: 0,
    lines: [
      { by: OWNER, day: 3, at: "09:30", text: "Good to have you here." },
      { by: VIEWER, day: 3, at: "09:31", text: "Good to be here." },
    ],
  },
  {
    name: "",
    kind: "direct",
    topic: "",
    members: ["Dara", VIEWER],
    unreadCount: 0,
    lines: [{ by: VIEWER, day: 1, at: "12:50", text: "Is there soup left?" }],
  },
];
