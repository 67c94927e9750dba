import * as v from "valibot";
import { ANSWERS, ERROR } from "./answer_schemas.ts";

interface Request {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: { readonly path?: unknown };
}
interface Response {
  readonly id?: unknown;
  readonly result?: { readonly type?: string; readonly data?: unknown };
  readonly error?: unknown;
}

/** What an answer that has been parsed holds beyond what it may; null when it is right. */
export function problemOf(path: string, { result, error }: Response): string | null {
  const [schema, value] = error === undefined ? [ANSWERS[path], result?.data] : [ERROR, error];
  // Procedures that only a test has are none of ours.
  if (schema === undefined) return null;
  const { issues } = v.safeParse(schema, value);
  if (issues === undefined) return null;
  const what = issues.map((issue) => `${v.getDotPath(issue) ?? ""}: ${issue.message}`).join("; ");
  return `${path} answers what it should not: ${what}: ${JSON.stringify(value).slice(0, 500)}`;
}

/** Follows one WebSocket: knows by the requests what each answer has to look like. */
export class SocketCheck {
  readonly #paths = new Map<string, string>();
  readonly #report: (problem: string) => void;

  constructor(report: (problem: string) => void) {
    this.#report = report;
  }

  /** The client says this. */
  sent(text: string): void {
    for (const { id, params } of parsed<Request>(text)) {
      if (typeof params?.path === "string") this.#paths.set(JSON.stringify(id), params.path);
    }
  }

  /** The server says this. */
  received(text: string): void {
    for (const answer of parsed<Response>(text)) {
      const path = this.#paths.get(JSON.stringify(answer.id));
      const isAnswer = answer.error !== undefined || answer.result !== undefined &&
          (answer.result.type === undefined || answer.result.type === "data");
      if (path === undefined || !isAnswer) continue;
      const problem = problemOf(path, answer);
      if (problem !== null) this.#report(problem);
    }
  }
}

/** Checks the answer to one request over HTTP, whose paths stand in its address, one or a batch. */
export function checkHttpAnswer(address: string, text: string, report: (problem: string) => void): void {
  const paths = decodeURIComponent(new URL(address).pathname.slice("/trpc/".length)).split(",");
  for (const [index, answer] of parsed<Response>(text).entries()) {
    const problem = problemOf(paths[index] ?? "", answer);
    if (problem !== null) report(problem);
  }
}

/** The messages of a frame or a body: one or several, none if it is no JSON. */
function parsed<T extends object>(text: string): T[] {
  if (!text.startsWith("{") && !text.startsWith("[")) return [];
  try {
    const value = JSON.parse(text) as T | T[];
    return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "object" && one !== null);
  } catch {
    return [];
  }
}
