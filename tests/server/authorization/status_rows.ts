import { newId } from "../../../shared/ids.ts";
import type { StatusId } from "../../../shared/ids.ts";
import { answers, EVERYBODY, managers, one } from "./answers.ts";
import type { Row } from "./answers.ts";
import type { World } from "./world.ts";

const MANAGERS = managers("ok", "not_allowed");
const OWNERS = answers("not_allowed", { owner: "ok" });
const MISSING = managers("not_found", "not_allowed");
const TEXT = { title: "Calls fail", text: "We look.", components: [] } as const;
const missing = () => ({ id: newId<StatusId>() });

async function incident(world: World, isDraft = false): Promise<StatusId> {
  const { incidents } = world.app.services.status;
  const { userId } = await world.person("owner");
  const id = await incidents.open({ ...TEXT, isDraft }, userId);
  // Each test asks for many, and only so many can be open.
  if (!isDraft) await incidents.update({ id, state: "resolved", text: "Done." }, userId);
  return id;
}

async function deletedLater(world: World, id: StatusId): Promise<StatusId> {
  const { userId } = await world.person("owner");
  await world.app.services.status.incidents.delete(id, userId);
  return id;
}

async function maintenance(world: World): Promise<StatusId> {
  const { maintenances } = world.app.services.status;
  const { userId } = await world.person("owner");
  return await maintenances.plan({ ...TEXT, components: [], ...tomorrow() }, userId);
}

function tomorrow(): { startsAt: string; endsAt: string } {
  const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  return { startsAt: at(1), endsAt: at(2) };
}

async function announcement(world: World): Promise<StatusId> {
  const { userId } = await world.person("owner");
  return await world.app.services.status.announcements.announce({ text: "Hi", level: "info" }, userId);
}

async function updateOf(world: World, id: StatusId): Promise<StatusId> {
  const [update] = await world.app.services.status.reader.updates(id);
  if (update === undefined) throw new Error("The incident has no update");
  return update.id;
}

/** The status page: everybody reads it, owners and admins change it. */
export const STATUS_ROWS: Readonly<Record<string, Row>> = {
  "status.current": [one("the page", EVERYBODY)],
  "status.onChange": [one("the page", EVERYBODY)],
  "status.announce": [one("a line", MANAGERS, () => ({ text: "Hello", level: "info" }))],
  "status.retract": [
    one("an announcement", MANAGERS, async (world) => ({ id: await announcement(world) })),
    one("a missing one", MISSING, missing),
  ],
  "status.openIncident": [one("an incident", MANAGERS, () => TEXT)],
  "status.publish": [
    one("a draft", MANAGERS, async (world) => ({ id: await incident(world, true) })),
    one("a missing one", MISSING, missing),
  ],
  "status.updateIncident": [
    one("an incident", MANAGERS, async (world) => (
      { id: await incident(world), state: "postmortem", text: "Why." }
    )),
    one("a missing one", MISSING, () => ({ ...missing(), state: "resolved", text: "Done." })),
  ],
  "status.editUpdate": [
    one("an update", MANAGERS, async (world) => {
      const id = await incident(world);
      return { id, updateId: await updateOf(world, id), text: "Better." };
    }),
    one("an update of work", MANAGERS, async (world) => {
      const id = await maintenance(world);
      return { id, updateId: await updateOf(world, id), text: "Better." };
    }),
    one("a missing one of work", MISSING, async (world) => (
      { id: await maintenance(world), updateId: newId<StatusId>(), text: "Better." }
    )),
    one("a missing one", MISSING, () => ({ ...missing(), updateId: newId<StatusId>(), text: "Better." })),
  ],
  "status.deleteIncident": [
    one("an incident", OWNERS, async (world) => ({ id: await incident(world) })),
    one("a draft", MANAGERS, async (world) => ({ id: await incident(world, true) })),
    one("a deleted one", answers("not_allowed", { owner: "not_found" }), async (world) => (
      { id: await deletedLater(world, await incident(world)) }
    )),
  ],
  "status.planMaintenance": [one("work", MANAGERS, () => ({ ...TEXT, ...tomorrow() }))],
  "status.updateMaintenance": [
    one(
      "work",
      MANAGERS,
      async (world) => ({ id: await maintenance(world), state: "cancelled", text: "No." }),
    ),
    one("a missing one", MISSING, () => ({ ...missing(), state: "cancelled", text: "No." })),
  ],
  "status.setComponent": [one("a component", MANAGERS, () => ({ id: "live", description: "Apps" }))],
  "status.settings": [one("components", MANAGERS)],
  "status.drafts": [one("drafts", MANAGERS)],
  "status.preview": [one("a text", MANAGERS, () => ({ text: "Hi *there*" }))],
};
