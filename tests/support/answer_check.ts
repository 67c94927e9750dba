// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { createParser } from "npm:eventsource-parser@4.1.3";
import * as v from "valibot";
import { ANSWERS, CONTROL_EVENTS, ERROR, FRAME } from "./answer_schemas.ts";

/** Called with what is wrong with an answer. */
export type Report = (problem: string) => void;

interface Request {
  readonly id?: unknown;
  readonly params?: { readonly path?: unknown };
}
interface Response {
  readonly id?: unknown;
  readonly result?: { readonly type?: string; readonly data?: unknown };
  readonly error?: unknown;
}
/** One event of a stream, as readers receive it. */
interface StreamEvent {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: string;
}

const TRPC_PATH = "/trpc/";

/** Describes what a parsed answer contains beyond its schema; null if it is valid. */
export function problemOf(path: string, answer: Response): string | null {
  const frameProblem = mismatch(`The answer of ${path}`, FRAME, answer);
  if (frameProblem !== null) return frameProblem;
  const { result, error } = answer;
  if (error !== undefined) return mismatch(`The error of ${path}`, ERROR, error);
  if (result === undefined || !["data", undefined].includes(result.type)) return null;
  const schema = ANSWERS[path];
  // Procedures that only exist in tests have no schema.
  return schema === undefined ? null : mismatch(path, schema, result.data);
}

function mismatch(what: string, schema: v.GenericSchema, value: unknown): string | null {
  const { issues } = v.safeParse(schema, value);
  if (issues === undefined) return null;
  const found = issues.map((issue) => `${v.getDotPath(issue) ?? ""}: ${issue.message}`).join("; ");
  return `${what} holds what it should not: ${found}: ${JSON.stringify(value)?.slice(0, 500)}`;
}

/** Follows one WebSocket, and uses its requests to know the schema of each answer. */
export class SocketCheck {
  readonly #paths = new Map<string, string>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** The client has sent this. */
  sent(text: string): void {
    for (const { id, params } of parsed<Request>(text)) {
      if (typeof params?.path === "string") this.#paths.set(JSON.stringify(id), params.path);
    }
  }

  /** The server has sent this. */
  received(text: string): void {
    for (const answer of parsed<Response>(text)) {
      const problem = problemOf(this.#paths.get(JSON.stringify(answer.id)) ?? "", answer);
      if (problem !== null) this.#report(problem);
    }
  }
}

/** Checks the answer to an HTTP request for one procedure or a batch, named in its target; others are not checked. */
export function checkHttpAnswer(target: string, text: string, report: Report): void {
  const paths = pathOf(target)?.split(",");
  if (paths === undefined) return;
  for (const [index, answer] of parsed<Response>(text).entries()) {
    const problem = problemOf(paths[index] ?? "", answer);
    if (problem !== null) report(problem);
  }
}

/** Checks the events of an HTTP subscription, named in the target of its request; other streams are not checked. */
export class StreamCheck {
  readonly #path: string | null;
  readonly #report: Report;
  readonly #parser = createParser({ onEvent: (event) => this.event(event) });

  constructor(target: string, report: Report) {
    this.#path = pathOf(target);
    this.#report = report;
  }

  /** The server has sent this part of the stream. */
  received(text: string): void {
    this.#parser.feed(text);
  }

  /** The server has sent this event. */
  event(event: StreamEvent): void {
    const problem = this.#path === null ? null : streamProblem(this.#path, event);
    if (problem !== null) this.#report(problem);
  }
}

function streamProblem(path: string, { event: name = "message", id, data }: StreamEvent): string | null {
  if (name === "message") return problemOf(path, { result: { data: tracked(id, parsedOr(data)) } });
  if (name === "serialized-error") return problemOf(path, { error: parsedOr(data) });
  const schema = CONTROL_EVENTS[name];
  return schema === undefined
    ? `${path} sends an event ${name} that has no schema`
    : mismatch(`The event ${name} of ${path}`, schema, parsedOr(data));
}

/** A position comes next to the value over HTTP, but around it over WebSocket. */
function tracked(id: string | undefined, data: unknown): unknown {
  return id === undefined || id === "" ? data : { id, data };
}

/** The procedure names in a target or URL; null if there are none. */
function pathOf(target: string): string | null {
  const url = URL.parse(target, "http://127.0.0.1");
  if (url === null || !url.pathname.startsWith(TRPC_PATH)) return null;
  try {
    return decodeURIComponent(url.pathname.slice(TRPC_PATH.length));
  } catch {
    return null;
  }
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The messages of a frame or body; none if it is not JSON. */
function parsed<T extends object>(text: string): T[] {
  if (!text.startsWith("{") && !text.startsWith("[")) return [];
  try {
    const value = JSON.parse(text) as T | T[];
    return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "object" && one !== null);
  } catch {
    return [];
  }
}
