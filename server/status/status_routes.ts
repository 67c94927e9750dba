/// <reference path="../std.d.ts" />
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { ifNoneMatch } from "@std/http/etag.js";
import type { Hono } from "hono";
import { limitSubject } from "../net/address.ts";
import { eventStreamHeaders } from "../net/event_stream.ts";
import type { Visit } from "../net/trpc_http.ts";
import { accepts } from "../net/accepts.ts";
import { languageOf } from "../../shared/status/language.ts";
import type { Language } from "../../shared/status/language.ts";
import { FEED_KINDS } from "./feeds/update_feed.ts";
import { pagePolicy } from "./page/page_style.ts";
import { compressed } from "./status_answers.ts";
import type { Answer, StatusAnswers } from "./status_answers.ts";
import type { StatusSse } from "./status_sse.ts";

/** Shown even when we are gone: a page takes back by itself what is too old. */
const PAGE_CACHE = "max-age=10, stale-if-error=86400";
const MONTH_PATTERN = /^\d{4}-(?:0[1-9]|1[0-2])$/;
/** The `Vary` header of pages. */
const PAGE_VARY = "Accept-Language, Accept-Encoding";
const PROGRAM_CACHE = "max-age=10, must-revalidate";
const BADGE_CACHE = "no-cache";
/** Other origins may read all of this: it is public, and no cookie is looked at. */
const OPEN_HEADERS = {
  "Access-Control-Allow-Origin": "*",
  "Cross-Origin-Resource-Policy": "cross-origin",
};
/** For preflights: other origins may send any header, such as `Last-Event-ID`, but never credentials. */
const PREFLIGHT_HEADERS = {
  ...OPEN_HEADERS,
  "Allow": "GET, HEAD, OPTIONS",
  "Access-Control-Allow-Methods": "GET, HEAD",
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Max-Age": "86400",
};

export interface StatusRoutesOptions {
  readonly answers: StatusAnswers;
  readonly sse: StatusSse;
}

/** Routes of the status page: no session, no storage, nothing but reading. */
export function addStatusRoutes(
  app: Hono<{ Bindings: { readonly visit: Visit } }>,
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
  for (const prefix of ["/api/v2", "/status/api/v2"]) {
    app.get(`${prefix}/*`, (c) => {
      const answer = answers.json(c.req.path.slice(prefix.length + 1));
      return answer === null ? c.notFound() : respond(c.req.raw, answer, PROGRAM_CACHE);
    });
  }
  for (const name of ["summary.json", "components.json"]) {
    app.get(`/status/${name}`, (c) => {
      const answer = answers.json(name);
      return answer === null ? c.notFound() : respond(c.req.raw, answer, PROGRAM_CACHE);
    });
  }
  app.get("/status/badge.svg", (c) => {
    const answer = answers.badge(c.req.query("component") ?? null);
    return answer === null ? c.notFound() : respond(c.req.raw, answer, BADGE_CACHE);
  });
  for (const kind of FEED_KINDS) {
    app.get(`/status/feed.${kind}`, (c) => {
      const answer = answers.feed(kind, c.req.query("component") ?? null);
      return answer === null ? c.notFound() : respond(c.req.raw, answer, PROGRAM_CACHE);
    });
  }
  app.get("/status/maintenance.ics", (c) => respond(c.req.raw, answers.calendar(), PROGRAM_CACHE));
  app.get("/status.md", (c) => respond(c.req.raw, answers.markdown(), PROGRAM_CACHE));
  app.get("/status", (c) => respondAsWanted(c.req.raw, answers));
  app.get("/status/history", (c) => {
    const month = c.req.query("month") ?? null;
    if (month !== null && !MONTH_PATTERN.test(month)) return c.notFound();
    return respondPage(c.req.raw, (language) => answers.history(month, language), answers) ?? c.notFound();
  });
  app.get("/status/incidents/:id", (c) => {
    const id = c.req.param("id");
    return respondPage(c.req.raw, (language) => answers.story(id, language), answers) ?? c.notFound();
  });
}

/** Browsers get a page; terminals and programs, which ask for anything or for text, get text. */
function respondAsWanted(request: Request, answers: StatusAnswers): Response {
  const accepted = request.headers.get("accept") ?? "";
  const more = { "Vary": `Accept, ${PAGE_VARY}` };
  if (accepted.includes("text/html")) {
    const answer = answers.page(languageOf(request.headers.get("accept-language") ?? ""));
    return respond(request, answer, PAGE_CACHE, { ...pageHeaders(answers), ...more });
  }
  const answer = accepted.includes("text/markdown") ? answers.markdown() : answers.text();
  return respond(request, answer, PROGRAM_CACHE, more);
}

function respondPage(
  request: Request,
  make: (language: Language) => Answer | null,
  answers: StatusAnswers,
): Response | null {
  const answer = make(languageOf(request.headers.get("accept-language") ?? ""));
  return answer === null ? null : respond(request, answer, PAGE_CACHE, pageHeaders(answers));
}

function pageHeaders({ hasScript }: StatusAnswers): Record<string, string> {
  return { "Content-Security-Policy": pagePolicy(hasScript), "Vary": PAGE_VARY };
}

function respond(
  request: Request,
  answer: Answer,
  cacheControl: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  const { type, etag } = answer;
  const headers: Record<string, string> = {
    ...OPEN_HEADERS,
    "Content-Type": type,
    "Cache-Control": cacheControl,
    "ETag": etag,
    "Vary": "Accept-Encoding",
    ...more,
  };
  if (!ifNoneMatch(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  const isSmaller = accepts(request.headers.get("accept-encoding") ?? "", "br");
  const body = isSmaller ? compressed(answer) : answer.body;
  if (isSmaller) headers["Content-Encoding"] = "br";
  headers["Content-Length"] = String(body.length);
  return new Response(request.method === "HEAD" ? null : body, { headers });
}
