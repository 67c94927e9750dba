/// <reference path="../std.d.ts" />
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { ifNoneMatch } from "@std/http/etag.js";
import type { Context, Hono } from "hono";
import { AppError } from "../../shared/errors.ts";
import { accepts } from "../net/accepts.ts";
import { limitSubject } from "../net/address.ts";
import { eventStreamHeaders } from "../net/event_stream.ts";
import { isPublicJson, OPEN_HEADERS, publicFailure } from "../net/public_route.ts";
import type { Visit } from "../net/trpc_http.ts";
import { languageOf } from "../../shared/status/language.ts";
import type { Language } from "../../shared/status/language.ts";
import { FEED_KINDS } from "./feeds/update_feed.ts";
import { compressed } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { pagePolicy } from "./page/page_style.ts";
import type { StatusAnswers } from "./status_answers.ts";
import type { StatusSse } from "./status_sse.ts";

/** Shown even when we are gone: a page takes back by itself what is too old. */
const PAGE_CACHE = "max-age=10, stale-if-error=86400";
const MONTH_PATTERN = /^\d{4}-(?:0[1-9]|1[0-2])$/;
/** The `Vary` header of pages. */
const PAGE_VARY = "Accept-Language, Accept-Encoding";
const PROGRAM_CACHE = "max-age=10, must-revalidate";
const BADGE_CACHE = "no-cache";
/** For preflights: other origins may send any header, such as `Last-Event-ID`, but never credentials. */
const PREFLIGHT_HEADERS = {
  ...OPEN_HEADERS,
  "Allow": "GET, HEAD, OPTIONS",
  "Access-Control-Allow-Methods": "GET, HEAD",
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Max-Age": "86400",
};

type Failure = Pick<AppError, "message"> & Partial<Pick<AppError, "retryAfterMs">>;
const NOT_FOUND: Failure = { message: "Not found" };

interface StatusBindings {
  readonly Bindings: { readonly visit: Visit };
}

type StatusContext = Context<StatusBindings>;

export interface StatusRoutesOptions {
  readonly answers: StatusAnswers;
  readonly sse: StatusSse;
}

/** Routes of the status page: no session, no storage, nothing but reading. */
export function addStatusRoutes(
  app: Hono<StatusBindings>,
  { answers, sse }: StatusRoutesOptions,
): void {
  for (const path of ["/status/*", "/status.md", "/api/v2/*"]) {
    app.options(path, (c) => c.body(null, 204, PREFLIGHT_HEADERS));
  }
  app.get("/status/events", (c) => {
    const { request, response, address } = c.env.visit;
    const headers = { ...eventStreamHeaders(request), ...OPEN_HEADERS };
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    void sse.answer({
      response,
      headers,
      subject: limitSubject(address),
      lastEventId: c.req.header("last-event-id") ?? null,
      since: c.req.query("since") ?? null,
    });
    return RESPONSE_ALREADY_SENT;
  });
  const get = (path: string, answer: (c: StatusContext) => Response) => {
    app.get(path, (c) => answers.turns.run(() => answer(c)));
  };
  for (const prefix of ["/api/v2", "/status/api/v2"]) {
    get(
      `${prefix}/*`,
      ({ req }) => respondToProgram(req.raw, answers.json(req.path.slice(prefix.length + 1))),
    );
  }
  for (const name of ["summary.json", "components.json"]) {
    get(`/status/${name}`, ({ req }) => respondToProgram(req.raw, answers.json(name)));
  }
  get("/status/badge.svg", ({ req }) => {
    return respondToProgram(req.raw, answers.badge(req.query("component") ?? null), BADGE_CACHE);
  });
  for (const kind of FEED_KINDS) {
    get(`/status/feed.${kind}`, ({ req }) => {
      return respondToProgram(req.raw, answers.feed(kind, req.query("component") ?? null));
    });
  }
  get("/status/maintenance.ics", ({ req }) => respondToProgram(req.raw, answers.calendar()));
  get("/status.md", ({ req }) => respondToProgram(req.raw, answers.markdown()));
  get("/status", ({ req }) => respondAsWanted(req.raw, answers));
  app.get("/status/", (c) => {
    for (const [name, value] of Object.entries(OPEN_HEADERS)) c.header(name, value);
    return c.redirect(`/status${new URL(c.req.url).search}`, 308);
  });
  app.get("/status/history", async (c) => {
    const month = c.req.query("month") ?? null;
    const isMonth = month === null || MONTH_PATTERN.test(month);
    if (!isMonth) return respondMissing(c.req.raw, answers);
    return await respondPage(c.req.raw, (language) => answers.history(month, language), answers);
  });
  app.get("/status/incidents/:id", async (c) => {
    const id = c.req.param("id");
    return await respondPage(c.req.raw, (language) => answers.item(id, language), answers);
  });
  get("/status/*", ({ req }) => respondMissing(req.raw, answers));
}

/** Browsers get a page; terminals and programs, which ask for anything or for text, get text. */
function respondAsWanted(request: Request, answers: StatusAnswers): Response {
  const accepted = request.headers.get("accept") ?? "";
  const more = { "Vary": `Accept, ${PAGE_VARY}` };
  if (wantsPage(request)) {
    return respond(request, answers.page(languageFor(request)), {
      "Cache-Control": PAGE_CACHE,
      ...pageHeaders(answers.hasScript),
      ...more,
    });
  }
  const answer = accepted.includes("text/markdown") ? answers.markdown() : answers.text();
  return respond(request, answer, { "Cache-Control": PROGRAM_CACHE, ...more });
}

/** What is old comes from storage, which may be away. */
async function respondPage(
  request: Request,
  make: (language: Language) => Promise<Answer | null>,
  answers: StatusAnswers,
): Promise<Response> {
  let answer: Answer | null;
  try {
    answer = await make(languageFor(request));
  } catch (error) {
    if (!(error instanceof AppError && error.appCode === "storage_unavailable")) throw error;
    return fail(request, 503, error);
  }
  if (answer === null) return respondMissing(request, answers);
  const cacheControl = answer.isPartial ? "no-store" : PAGE_CACHE;
  return respond(request, answer, { "Cache-Control": cacheControl, ...pageHeaders(answers.hasScript) });
}

function respondToProgram(request: Request, answer: Answer | null, cacheControl = PROGRAM_CACHE): Response {
  return answer === null
    ? fail(request)
    : respond(request, answer, { "Cache-Control": cacheControl, "Vary": "Accept-Encoding" });
}

/** Says that there is nothing here: by a page to browsers, unless they ask for JSON. */
function respondMissing(request: Request, answers: StatusAnswers): Response {
  if (!wantsPage(request) || isPublicJson(new URL(request.url).pathname)) return fail(request);
  return send(request, answers.missing(languageFor(request)), {
    ...OPEN_HEADERS,
    ...pageHeaders(false),
    "Vary": `Accept, ${PAGE_VARY}`,
  }, 404);
}

function fail(request: Request, status = 404, { message, retryAfterMs }: Failure = NOT_FOUND): Response {
  const { headers, body } = publicFailure(new URL(request.url).pathname, message);
  if (retryAfterMs !== undefined) headers["Retry-After"] = String(Math.ceil(retryAfterMs / 1_000));
  return new Response(request.method === "HEAD" ? null : body, { status, headers });
}

function wantsPage(request: Request): boolean {
  return request.headers.get("accept")?.includes("text/html") ?? false;
}

function languageFor(request: Request): Language {
  return languageOf(request.headers.get("accept-language") ?? "");
}

function pageHeaders(hasScript: boolean): Record<string, string> {
  return { "Content-Security-Policy": pagePolicy(hasScript), "Vary": PAGE_VARY };
}

function respond(request: Request, answer: Answer, more: Readonly<Record<string, string>>): Response {
  const { etag } = answer;
  const headers = { ...OPEN_HEADERS, "Content-Type": answer.type, "ETag": etag, ...more };
  return ifNoneMatch(request.headers.get("if-none-match"), etag)
    ? send(request, answer, headers, 200)
    : new Response(null, { status: 304, headers });
}

/** Sends the body in the encoding that the reader takes. */
function send(
  request: Request,
  answer: Answer,
  headers: Readonly<Record<string, string>>,
  status: number,
): Response {
  const isSmaller = accepts(request.headers.get("accept-encoding") ?? "", "br");
  const body = isSmaller ? compressed(answer) : answer.body;
  return new Response(request.method === "HEAD" ? null : body, {
    status,
    headers: {
      ...headers,
      "Content-Type": answer.type,
      "Content-Length": String(body.length),
      ...(isSmaller ? { "Content-Encoding": "br" } : {}),
    },
  });
}
