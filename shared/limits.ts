/**
 * All limits that the server and clients share. Names include units; where `Count` means code points, the name says
 * so. Large numbers are written out: the bundler would keep products in the client, used or not.
 */

// Text
export const MESSAGE_MAX_CODE_POINTS = 4_000;
export const MESSAGE_MAX_BYTES = 16 * 1024;
export const NAME_MAX_CHARACTERS = 40;
export const ROOM_NAME_MAX_CHARACTERS = 80;
export const TOPIC_MAX_CHARACTERS = 250;
export const STATUS_TEXT_MAX_CHARACTERS = 100;
export const TOKEN_LABEL_MAX_CHARACTERS = 80;
export const CLIENT_MESSAGE_ID_MAX_CHARACTERS = 64;
export const PASSWORD_MIN_CHARACTERS = 8;
export const PASSWORD_MIN_CHARACTERS_ADMIN = 12;
export const PASSWORD_MAX_CHARACTERS = 256;
export const EMOJI_MAX_CHARACTERS = 32;
export const EMOJI_PER_MESSAGE_COUNT = 20;
export const PEOPLE_PER_REACTION_COUNT = 500;
export const MENTIONS_PER_MESSAGE_COUNT = 20;
/** Parts of a text that are looked up as names, so that a text full of @ does not cost a thousand lookups. */
export const MENTION_CANDIDATES_COUNT = 600;
export const MENTIONS_SHOWN_COUNT = 100;
/** In larger rooms nobody is told who has read how far, which reads the state of each member. */
export const READERS_MEMBERS_MAX_COUNT = 500;

// Status page
/** Texts of incidents, maintenance and announcements. */
export const PUBLIC_TEXT_MAX_CODE_POINTS = 2_000;
export const PUBLIC_TITLE_MAX_CHARACTERS = 120;
/** All texts of one incident or maintenance together: each event holds all of them, with their markup. */
export const PUBLIC_TEXTS_MAX_BYTES = 24 * 1024;
/** Beyond that, for what ends it and for our own texts: one of the longest fits, in four bytes a character. */
export const PUBLIC_ENDING_TEXTS_MAX_BYTES = 4 * PUBLIC_TEXT_MAX_CODE_POINTS + 256;
export const COMPONENT_NAME_MAX_CHARACTERS = 40;
export const COMPONENT_DESCRIPTION_MAX_CHARACTERS = 250;
export const COMPONENT_POSITION_MAX = 1_000;
export const UPDATES_PER_INCIDENT_COUNT = 50;
/** Beyond that: one that ends it, and ours when a maintenance starts by itself. */
export const ENDING_UPDATES_COUNT = 2;
/** What is open, upcoming or in force at a time, of each kind; drafts too. */
export const PUBLIC_OPEN_MAX_COUNT = 20;

// Lists
export const PAGE_DEFAULT_COUNT = 50;
export const PAGE_MAX_COUNT = 100;
export const REPLAY_MAX_COUNT = 500;
/** JSON size of one page of messages, or of the events of one answer. */
export const PAGE_MAX_BYTES = 1_048_576;
/** Events about a larger message leave out its reactions. */
export const EVENT_WHOLE_MAX_BYTES = 16 * 1024;

// Wire
export const FRAME_MAX_BYTES = 64 * 1024;
export const FRAME_MAX_FRAGMENT_COUNT = 64;
export const FRAME_MAX_REQUEST_COUNT = 84;
export const REQUEST_ID_MAX_CHARACTERS = 64;
export const HTTP_BATCH_MAX_COUNT = 20;
export const HTTP_BODY_MAX_BYTES = 64 * 1024;
export const HTTP_HEADER_MAX_BYTES = 16 * 1024;
export const SUBSCRIPTIONS_PER_CONNECTION_COUNT = 64;
export const LONG_POLL_MAX_MS = 25_000;

// Connections
export const CONNECTIONS_PER_USER_COUNT = 10;
export const CONNECTIONS_PER_ADDRESS_COUNT = 1_000;
export const CONNECTIONS_PER_ADDRESS_UNAUTHENTICATED_COUNT = 30;
export const CONNECTIONS_PER_INSTANCE_COUNT = 5_000;
export const STREAMS_PER_USER_COUNT = 64;
export const STREAMS_PER_INSTANCE_COUNT = 2_000;
/** Without a session only the public status can be read; these streams do not count among those above. */
export const STREAMS_PER_ADDRESS_UNAUTHENTICATED_COUNT = 50;
export const STREAMS_PER_INSTANCE_UNAUTHENTICATED_COUNT = 1_000;
export const HTTP_CONNECTIONS_MAX_COUNT = 6_000;
/** Maximum for one address, which is an IPv4 address or an IPv6 /64; trusted proxies are exempt. */
export const HTTP_CONNECTIONS_PER_ADDRESS_COUNT = 1_500;
/** The same for an IPv6 /56 or /48, because one customer may have many /64. */
export const HTTP_CONNECTIONS_PER_NETWORK_COUNT = 3_000;
export const LOGIN_DEADLINE_MS = 5_000;
export const HEADERS_TIMEOUT_MS = 5_000;
/** With the check interval below, a request that never ends is cut off within 15 s. */
export const REQUEST_TIMEOUT_MS = 12_500;
export const KEEP_ALIVE_TIMEOUT_MS = 5_000;
/** Longer than a long poll and two pings of a stream, so only peers that read nothing are silent for this long. */
export const SOCKET_SILENCE_MS = 32_000;
export const CONNECTIONS_CHECK_INTERVAL_MS = 2_000;
export const HEARTBEAT_INTERVAL_MS = 20_000;
export const HEARTBEAT_GRACE_MS = 8_000;
export const LOGIN_RECHECK_MS = 60_000;
/** Visible tabs notice by them that a stream is dead. */
export const STREAM_PING_MS = 4_000;
export const STREAM_RETRY_MS = 1_000;
export const EPHEMERAL_SKIP_BYTES = 256 * 1024;
export const SLOW_CONSUMER_BYTES = 1_048_576;
export const CLOSE_FLUSH_MS = 500;
export const CHORES_INTERVAL_MS = 3_600_000;
export const DRAIN_SPREAD_MS = 5_000;
export const DRAIN_MAX_MS = 10_000;
export const REVOKE_WITHIN_MS = 1_000;
export const RIGHTS_CACHE_MS = 1_000;

// Work of one account over all its connections; a simple call weighs 1
export const SOCKET_STARTED_WEIGHT = 16;
export const ACCOUNT_STARTED_WEIGHT = 32;
export const INSTANCE_STARTED_WEIGHT = 512;
export const HTTP_BATCH_STARTED_WEIGHT = 4;
export const WAITS_PER_ACCOUNT_COUNT = 64;
/** A unit is one storage call, the start of a call, or this many bytes of an answer. */
export const BYTES_PER_WORK_UNIT = 4 * 1024;
/** The allowance of an account in the long run and after a rest, and how fast it can be used. */
export const WORK_RATE = { perSecond: 400, burst: 4_000 } as const;
export const WORK_PACE = { perSecond: 1_000, burst: 300 } as const;
/** How long a call waits for its turn before it is refused. */
export const WORK_WAIT_MAX_MS = 5_000;
/** A batch whose answers exceed this begins no more calls. */
export const HTTP_BATCH_ANSWER_BYTES = 1_048_576;
export const SOCKET_ANSWER_BYTES = 4_194_304;
export const ACCOUNT_ANSWER_BYTES = 16_777_216;
export const INSTANCE_ANSWER_BYTES = 268_435_456;

// Breaches of rates
export const BREACHES_BEFORE_CLOSE_COUNT = 3;
export const BREACH_WINDOW_MS = 60_000;

// Sessions and links
/** 14 days. */
export const SESSION_IDLE_MS = 1_209_600_000;
/** 90 days. */
export const SESSION_ABSOLUTE_MS = 7_776_000_000;
export const GUEST_SESSION_IDLE_MS = 86_400_000;
/** 7 days. */
export const GUEST_SESSION_ABSOLUTE_MS = 604_800_000;
export const SETUP_LINK_MS = 3_600_000;
export const RESET_LINK_MS = 3_600_000;
/** For how long after a reset each sign-in shows who made the link (30 days), and for how many resets. */
export const PASSWORD_RESET_SHOWN_MS = 2_592_000_000;
export const PASSWORD_RESETS_SHOWN_COUNT = 5;
/** 7 days. */
export const INVITE_DEFAULT_MS = 604_800_000;
/** 90 days. */
export const INVITE_MAX_MS = 7_776_000_000;
export const INVITE_DEFAULT_USE_COUNT = 10;
export const INVITE_MAX_USE_COUNT = 1_000;
export const TOKENS_PER_USER_COUNT = 20;
export const SESSIONS_PER_USER_COUNT = 100;
export const SESSION_TOUCH_MS = 300_000;
export const USER_AGENT_MAX_CHARACTERS = 300;
export const INVITES_LISTED_MAX_COUNT = 1_000;
export const WORKSPACE_NAME_MAX_CHARACTERS = 80;
export const PASSWORD_HASHES_AT_ONCE_MAX_COUNT = 2;
export const PASSWORD_HASH_QUEUE_COUNT = 40;
export const PASSWORDS_PENDING_PER_PERSON_COUNT = 2;

// Typing and presence
export const TYPING_TTL_MS = 6_000;
export const TYPING_REFRESH_MS = 3_000;
export const TYPING_PAUSE_MS = 4_000;
export const PRESENCE_LEASE_MS = 30_000;
export const PRESENCE_RENEW_MS = 10_000;
export const INSTANCE_LEASE_MS = 30_000;
export const INSTANCE_RENEW_MS = 10_000;
export const PRESENCE_DEBOUNCE_MS = 5_000;
export const PRESENCE_IDLE_MS = 300_000;
export const ROOM_CHANGED_INTERVAL_MS = 250;
export const HEADS_INTERVAL_MS = 20_000;

// Client
export const DIAL_TIMEOUT_MS = 8_000;
export const WAKE_PROBE_MS = 3_000;
export const DRAFT_DEBOUNCE_MS = 300;
export const GROUPING_MS = 300_000;
export const DOM_ROWS_MAX_COUNT = 300;
export const FOLLOWED_ROWS_MAX_COUNT = 150;

// Rates: tokens per second, and how many can be used at once. They are last, since the bundler inlines
// only numbers that precede the first object, and a division would end up in the client's bundle.
export const DIAL_RATE = { perSecond: 10, burst: 20 } as const;
export const FRAME_RATE = { perSecond: 100, burst: 500 } as const;
export const HTTP_RATE_ADDRESS = { perSecond: 50, burst: 100 } as const;
export const HTTP_RATE_ACCOUNT = { perSecond: 50, burst: 200 } as const;
/** The public status: pages, feeds and programs; and its streams, of which an address may have 50 open. */
export const STATUS_RATE_ADDRESS = { perSecond: 10, burst: 40 } as const;
export const STATUS_STREAM_RATE_ADDRESS = { perSecond: 10, burst: 100 } as const;
export const SEND_RATE = { perSecond: 5, burst: 15 } as const;
export const SEND_RATE_ROOM = { perSecond: 200, burst: 400 } as const;
export const CHANGE_RATE = { perSecond: 5, burst: 20 } as const;
/** Joining, leaving, adding, renaming and so on: each stays in a room's log forever. */
export const MEMBERSHIP_RATE = { perSecond: 10, burst: 100 } as const;
export const SUBSCRIBE_RATE = { perSecond: 20, burst: 192 } as const;
export const MARK_READ_RATE = { perSecond: 10, burst: 100 } as const;
export const READERS_RATE = { perSecond: 2, burst: 20 } as const;
export const LEVEL_RATE = { perSecond: 2, burst: 50 } as const;
export const SETTINGS_RATE = { perSecond: 0.5, burst: 20 } as const;
export const PUSH_SUBSCRIBE_RATE = { perSecond: 0.2, burst: 20 } as const;
export const PUSH_TEST_RATE = { perSecond: 0.1, burst: 5 } as const;
export const TYPING_RATE = { perSecond: 1, burst: 6 } as const;
export const PRESENCE_RATE = { perSecond: 0.2, burst: 5 } as const;
export const ROOM_CREATE_RATE = /* @__PURE__ */ rate(10, 3_600);
/** What one person changes on the status page without a text: moving one component up changes two. */
export const STATUS_CHANGE_RATE = { perSecond: 0.5, burst: 30 } as const;
/**
 * Texts that one person publishes there: more than anybody writes at once, even with templates. Each is parsed, and
 * goes to every visitor and client.
 */
export const STATUS_TEXT_RATE = { perSecond: 0.5, burst: 10 } as const;
/** A preview while somebody types; each costs as much as its text is long. */
export const STATUS_PREVIEW_RATE = { perSecond: 2, burst: 8 } as const;
export const INVITE_CREATE_RATE = /* @__PURE__ */ rate(20, 3_600);
/** Each token may create a bot, whose account remains in storage after it has ended. */
export const TOKEN_CREATE_RATE = /* @__PURE__ */ rate(20, 3_600, 40);
export const RESET_LINK_RATE = /* @__PURE__ */ rate(20, 3_600);
export const FAILED_LOGIN_RATE_ACCOUNT = /* @__PURE__ */ rate(5, 300);
export const FAILED_LOGIN_RATE_ADDRESS = /* @__PURE__ */ rate(20, 300);
/** The same for an IPv6 /56 and /48, because one customer may have many /64. */
export const FAILED_LOGIN_RATE_SITE = /* @__PURE__ */ rate(40, 300);
export const FAILED_LOGIN_RATE_NETWORK = /* @__PURE__ */ rate(80, 300);
/** Password hashes for one name from one address, including correct passwords: each takes a third of a second. */
export const PASSWORD_RATE_PERSON = /* @__PURE__ */ rate(10, 300);
/** The same for an address, and for an IPv6 /56 and /48. */
export const PASSWORD_RATES_ADDRESS = [
  { perSecond: 1, burst: 60 },
  { perSecond: 2, burst: 120 },
  { perSecond: 4, burst: 240 },
] as const;
export const INVITE_TRY_RATE = /* @__PURE__ */ rate(10, 600);
export const REGISTER_RATE = /* @__PURE__ */ rate(60, 3_600);

/** A rate of `count` tokens in `seconds`. */
function rate(count: number, seconds: number, burst = count): { perSecond: number; burst: number } {
  return { perSecond: count / seconds, burst };
}
