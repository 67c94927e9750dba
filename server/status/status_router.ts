import * as v from "valibot";
import {
  COMPONENT_DESCRIPTION_MAX_CHARACTERS,
  COMPONENT_NAME_MAX_CHARACTERS,
  COMPONENT_POSITION_MAX,
  PUBLIC_TEXT_MAX_CODE_POINTS,
  PUBLIC_TITLE_MAX_CHARACTERS,
  STATUS_CHANGE_RATE,
  STATUS_PREVIEW_RATE,
  STATUS_TEXT_RATE,
} from "../../shared/limits.ts";
import { countCodePoints, findTextProblem, normalizeLineEnds } from "../../shared/message.ts";
import { parsePosition } from "../../shared/position.ts";
import {
  ANNOUNCEMENT_LEVELS,
  IMPACTS,
  INCIDENT_STATES,
  isOpenIncident,
  MAINTENANCE_STATES,
  MEASURED_STATES,
} from "../../shared/status/states.ts";
import type { Status } from "../../shared/status/status.ts";
import { authorize } from "../auth/authorize.ts";
import {
  booleanSchema,
  noInput,
  roomIdSchema,
  statusIdSchema,
  textCheck,
  timeSchema,
  wholeNumberSchema,
} from "../rpc/input_schemas.ts";
import { publicProcedure, router, userProcedure } from "../rpc/trpc.ts";
import { COMPONENTS_MAX_COUNT } from "./components.ts";
import { previewMarkdown } from "./PublicMarkdown.tsx";
import type { FollowedItem } from "./public_feed.ts";

const POSITION_MESSAGE = `Must be a whole number from 0 to ${COMPONENT_POSITION_MAX}`;
/** Incidents that are over and may still get a post-mortem. */
const CLOSED_COUNT = 20;
const EVENT_ID_MAX_CHARACTERS = 64;

function textSchema(maxCodePoints: number, isLine: boolean) {
  return v.pipe(
    v.string("Must be text"),
    v.transform(normalizeLineEnds),
    textCheck((text) => {
      const problem = findTextProblem(text);
      if (problem !== null) return problem;
      if (countCodePoints(text) > maxCodePoints) return `Must be at most ${maxCodePoints} characters`;
      return isLine && /[\n\t]/.test(text) ? "Must be one line" : null;
    }),
  );
}

/** An empty one takes a change back. */
function labelSchema(maxCharacters: number) {
  return v.optional(v.union([v.literal(""), textSchema(maxCharacters, true)], "Must be text"));
}

const publicTextSchema = textSchema(PUBLIC_TEXT_MAX_CODE_POINTS, false);
const titleSchema = textSchema(PUBLIC_TITLE_MAX_CHARACTERS, true);
const componentIdSchema = v.pipe(
  v.string("Must be a component"),
  v.regex(/^[a-z]{1,32}$/, "Must be a component"),
);
const componentsMessage = `Must be at most ${COMPONENTS_MAX_COUNT} components`;
const affectedSchema = v.pipe(
  v.array(v.strictObject({
    id: componentIdSchema,
    status: v.picklist(MEASURED_STATES, `Must be one of ${MEASURED_STATES.join(", ")}`),
  })),
  v.maxLength(COMPONENTS_MAX_COUNT, componentsMessage),
);

/** Whoever changes the page may do so now; the stores look once more in the commit. */
const managerProcedure = userProcedure.use(({ ctx, next }) => {
  authorize(ctx.actor, "status.manage", null);
  return next();
});

const changeProcedure = managerProcedure.use(({ ctx, next }) => {
  ctx.services.limits.take("status", ctx.actor.accountId, STATUS_CHANGE_RATE);
  return next();
});

// The rates of texts are asked before the text is looked at, which costs as much as it is long.
const textProcedure = managerProcedure.use(({ ctx, next }) => {
  ctx.services.limits.take("status text", ctx.actor.accountId, STATUS_TEXT_RATE);
  return next();
});

const previewProcedure = managerProcedure.use(({ ctx, next }) => {
  ctx.services.limits.take("status preview", ctx.actor.accountId, STATUS_PREVIEW_RATE);
  return next();
});

/** `status.*`: what the public sees, for everybody, and what changes it, for owners and admins. */
export const statusRouter = router({
  current: publicProcedure.input(noInput).query(({ ctx }): Status => ctx.services.status.board.current()),

  onChange: publicProcedure
    .input(v.optional(v.strictObject({
      lastEventId: v.optional(v.pipe(v.string(), v.maxLength(EVENT_ID_MAX_CHARACTERS))),
    })))
    .subscription(
      async function* ({ ctx, input, signal }): AsyncGenerator<FollowedItem> {
        yield* ctx.services.status.publicFeed.follow({
          after: parsePosition(input?.lastEventId ?? ""),
          connection: ctx.connection,
          signal: signal ?? new AbortController().signal,
        });
      },
    ),

  announce: textProcedure
    .input(v.strictObject({
      text: publicTextSchema,
      level: v.picklist(ANNOUNCEMENT_LEVELS, `Must be one of ${ANNOUNCEMENT_LEVELS.join(", ")}`),
      expiresAt: v.optional(timeSchema),
      roomId: v.optional(roomIdSchema),
    }))
    .mutation(async ({ ctx: { actor, services: { status } }, input }) => ({
      id: await status.announcements.announce(input, actor.userId),
    })),

  retract: changeProcedure
    .input(v.strictObject({ id: statusIdSchema }))
    .mutation(async ({ ctx, input }) => {
      await ctx.services.status.announcements.retract(input.id, ctx.actor.userId);
      return null;
    }),

  openIncident: textProcedure
    .input(v.strictObject({
      title: titleSchema,
      text: publicTextSchema,
      components: affectedSchema,
      impact: v.optional(v.picklist(IMPACTS, `Must be one of ${IMPACTS.join(", ")}`)),
      startedAt: v.optional(timeSchema),
      draft: v.optional(v.literal(true)),
      roomId: v.optional(roomIdSchema),
    }))
    .mutation(async ({ ctx: { actor, services: { status } }, input: { draft, ...incident } }) => {
      return { id: await status.incidents.open({ ...incident, isDraft: draft }, actor.userId) };
    }),

  publish: changeProcedure
    .input(v.strictObject({ id: statusIdSchema }))
    .mutation(async ({ ctx, input }) => {
      await ctx.services.status.incidents.publish(input.id, ctx.actor.userId);
      return null;
    }),

  updateIncident: textProcedure
    .input(v.strictObject({
      id: statusIdSchema,
      state: v.picklist(INCIDENT_STATES, `Must be one of ${INCIDENT_STATES.join(", ")}`),
      text: publicTextSchema,
      components: v.optional(affectedSchema),
    }))
    .mutation(async ({ ctx: { actor, services: { status } }, input }) => ({
      updateId: await status.incidents.update(input, actor.userId),
    })),

  editUpdate: textProcedure
    .input(v.strictObject({ id: statusIdSchema, updateId: statusIdSchema, text: publicTextSchema }))
    .mutation(async ({ ctx: { actor, services: { status } }, input: { id, updateId, text } }) => {
      const isMaintenance = await status.reader.row("maintenance", id) !== null;
      const store = isMaintenance ? status.maintenances : status.incidents;
      await store.editUpdate(id, updateId, text, actor.userId);
      return null;
    }),

  deleteIncident: changeProcedure
    .input(v.strictObject({ id: statusIdSchema }))
    .mutation(async ({ ctx, input }) => {
      await ctx.services.status.incidents.delete(input.id, ctx.actor.userId);
      return null;
    }),

  planMaintenance: textProcedure
    .input(v.strictObject({
      title: titleSchema,
      text: publicTextSchema,
      components: v.pipe(v.array(componentIdSchema), v.maxLength(COMPONENTS_MAX_COUNT, componentsMessage)),
      startsAt: timeSchema,
      endsAt: timeSchema,
      roomId: v.optional(roomIdSchema),
    }))
    .mutation(async ({ ctx: { actor, services: { status } }, input }) => ({
      id: await status.maintenances.plan(input, actor.userId),
    })),

  updateMaintenance: textProcedure
    .input(v.strictObject({
      id: statusIdSchema,
      state: v.picklist(MAINTENANCE_STATES, `Must be one of ${MAINTENANCE_STATES.join(", ")}`),
      text: publicTextSchema,
      endsAt: v.optional(timeSchema),
    }))
    .mutation(async ({ ctx: { actor, services: { status } }, input }) => ({
      updateId: await status.maintenances.update(input, actor.userId),
    })),

  setComponent: changeProcedure
    .input(v.strictObject({
      id: componentIdSchema,
      name: labelSchema(COMPONENT_NAME_MAX_CHARACTERS),
      description: labelSchema(COMPONENT_DESCRIPTION_MAX_CHARACTERS),
      group: labelSchema(COMPONENT_NAME_MAX_CHARACTERS),
      position: v.optional(wholeNumberSchema(POSITION_MESSAGE, 0, COMPONENT_POSITION_MAX)),
      hidden: v.optional(booleanSchema),
    }))
    .mutation(async ({ ctx, input: { id, hidden, ...changes } }) => {
      const { status } = ctx.services;
      await status.components.set(id, { ...changes, isHidden: hidden }, ctx.actor.userId);
      await status.refresh();
      await status.tellChanges();
      return null;
    }),

  settings: managerProcedure.input(noInput).query(async ({ ctx: { actor, services: { status } } }) => ({
    components: await status.components.list(),
    rooms: await status.rooms.visibleTo(actor, await status.itemRooms()),
    closedIncidents: status.board.incidents().filter((one) => !isOpenIncident(one)).slice(0, CLOSED_COUNT),
  })),

  drafts: managerProcedure.input(noInput).query(({ ctx }) => ctx.services.status.reader.drafts()),

  preview: previewProcedure
    .input(v.strictObject({ text: v.optional(publicTextSchema), title: v.optional(titleSchema) }))
    .query(async ({ ctx, input: { text, title } }) => {
      const cleaned = await ctx.services.status.preview({ text: text ?? "", title: title ?? "" });
      const html = cleaned.text === "" ? "" : previewMarkdown(cleaned.text);
      return { html, ...(title === undefined ? {} : { title: cleaned.title }) };
    }),
});
