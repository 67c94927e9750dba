import { withoutFormatCharacters } from "../../shared/format_characters.ts";
import type { StatusComponent } from "../../shared/status/status.ts";
import type { Workspace } from "../../shared/workspace.ts";
import type { StatusId } from "../../shared/ids.ts";
import type { EventLog } from "../streams/event_log.ts";
import type { EventLogs } from "../streams/event_logs.ts";
import type { Log } from "../log.ts";
import type { Feed } from "../streams/feed.ts";
import type { Hub } from "../streams/hub.ts";
import { AnnouncementStore } from "./announcement_store.ts";
import { ComponentStore } from "./component_store.ts";
import type { ComponentDefinition } from "./components.ts";
import { showLastKnown } from "./copies/last_known.ts";
import type { LastKnown } from "./copies/last_known.ts";
import { IncidentStore } from "./incident_store.ts";
import { MaintenanceStore } from "./maintenance_store.ts";
import { probeStream } from "./probes/probe_stream.ts";
import type { ProbeTypes } from "./probes/probe_stream.ts";
import { PublicFeed } from "./public_feed.ts";
import { RoomTeller } from "./rooms/room_teller.ts";
import type { RoomTellerOptions } from "./rooms/room_teller.ts";
import { StatusRoomStore } from "./rooms/status_room_store.ts";
import type { ItemRoom, StatusRoomStoreOptions } from "./rooms/status_room_store.ts";
import { RECENT_COUNT, StatusBoard } from "./status_board.ts";
import type { StatusStoreOptions } from "./status_change_store.ts";
import { StatusSchedule } from "./status_schedule.ts";
import { IncidentArchive } from "./incident_archive.ts";
import { toPublicTexts } from "./public_text_store.ts";
import type { PublicTexts } from "./public_text_store.ts";
import { StatusReaderStore } from "./status_reader_store.ts";
import { statusStream } from "./status_stream.ts";
import type { StatusEvent, StatusLog } from "./status_stream.ts";

export interface PublicStatusOptions {
  readonly db: StatusStoreOptions["db"];
  readonly feed: Feed;
  readonly hub: Hub;
  readonly eventLogs: EventLogs;
  readonly definitions: readonly ComponentDefinition[];
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Whether this instance does what has to be done once. */
  readonly isFirst: () => boolean;
  /** Whether no other instance runs. */
  readonly isAlone: () => boolean;
  readonly workspaceOf: () => Promise<Workspace>;
  readonly rooms: StatusRoomStoreOptions["rooms"];
  readonly bot: StatusRoomStoreOptions["bot"];
  /** Sends a message of the bot. */
  readonly sendAsBot: RoomTellerOptions["send"];
  readonly publicUrl: () => string;
}

/** The public status: what is stored of it, what is in memory, and who hears of changes. */
export class PublicStatus {
  readonly log: StatusLog;
  /** Where synthetic messages travel. */
  readonly probeLog: EventLog<ProbeTypes>;
  readonly board: StatusBoard;
  readonly publicFeed: PublicFeed;
  readonly reader: StatusReaderStore;
  readonly archive: IncidentArchive;
  readonly incidents: IncidentStore;
  readonly maintenances: MaintenanceStore;
  readonly announcements: AnnouncementStore;
  readonly components: ComponentStore;
  readonly rooms: StatusRoomStore;
  readonly teller: RoomTeller;
  readonly #options: PublicStatusOptions;
  /** Components as readers know them: from events of any instance, and from snapshots of this one. */
  readonly #told = new Map<string, string>();
  /** Components as this instance sees them. */
  readonly #seen = new Map<string, string>();
  readonly #schedule: StatusSchedule;
  #telling: Promise<void> = Promise.resolve();

  constructor(options: PublicStatusOptions) {
    this.#options = options;
    const { db, feed, hub, eventLogs, definitions, now } = options;
    const board = new StatusBoard({ definitions, now });
    const reader = new StatusReaderStore(db);
    const log = eventLogs.open(statusStream({
      current: () => board.current(),
      find: (type, id) => reader.find(type, id),
    }));
    const isComponent = (id: string) => definitions.some((one) => one.id === id);
    const rooms = new StatusRoomStore(options);
    const stores = { db, log, reader, rooms, now, isComponent };
    this.log = log;
    this.probeLog = eventLogs.open(probeStream);
    this.board = board;
    this.reader = reader;
    this.archive = new IncidentArchive({ reader, isStorageThere: () => this.publicFeed.isStorageThere });
    this.incidents = new IncidentStore(stores);
    this.maintenances = new MaintenanceStore(stores);
    this.announcements = new AnnouncementStore(stores);
    this.#schedule = new StatusSchedule({
      ...options,
      board,
      maintenances: this.maintenances,
      announcements: this.announcements,
    });
    this.components = new ComponentStore({ ...stores, definitions });
    this.rooms = rooms;
    this.teller = new RoomTeller({ ...options, store: rooms, reader, send: options.sendAsBot });
    this.publicFeed = new PublicFeed({
      log,
      board,
      feed,
      hub,
      now,
      onEvent: (event) => this.#heard(event),
      onFailure: (error) =>
        options.log.warn("Cannot store a change of the public status, trying again", {
          reason: String(error),
        }),
    });
  }

  /** Reads everything that is stored, once, before the first reader comes. */
  async load(): Promise<void> {
    const { reader, board } = this;
    const [open, incidents, maintenances] = await Promise.all([
      reader.open(),
      reader.newestIncidents(RECENT_COUNT),
      reader.newestMaintenances(RECENT_COUNT),
    ]);
    board.load({
      incidents: [...incidents, ...open.incidents],
      maintenances: [...maintenances, ...open.maintenances],
      announcements: open.announcements,
      settings: await this.components.all(),
    });
    await this.#readWorkspace();
    await this.archive.load();
    await this.publicFeed.load();
    for (const component of board.components()) this.#seen.set(component.id, seen(component));
    this.#rememberAll(board.components());
  }

  /** Shows what was known last, if anything, where nothing stored can be read. */
  loadLastKnown(known: LastKnown | null): void {
    if (known !== null) showLastKnown(this.board, known, this.#options.definitions);
    this.publicFeed.beginWithoutStorage();
  }

  /** Gives of what somebody wrote what strangers would see. */
  preview<T extends PublicTexts>(written: T): Promise<T> {
    return toPublicTexts(this.#options.db, written);
  }

  /** Lists which rooms hear of what, drafts included. */
  async itemRooms(): Promise<ItemRoom[]> {
    const [drafts, told] = await Promise.all([this.reader.draftRows(), this.rooms.list()]);
    return [
      ...drafts.flatMap(({ id, roomId }) => roomId === undefined ? [] : [{ id, roomId }]),
      ...told.map(({ key, value: { roomId } }) => ({ id: key[1] as StatusId, roomId })),
    ];
  }

  /** Reads again what changes without an event: the workspace's name, and how components are named. */
  async refresh(): Promise<void> {
    await this.#readWorkspace();
    this.board.setSettings(await this.components.all());
  }

  /** Starts and ends maintenance by its planned times, and makes room where announcements have expired. */
  advance(): Promise<void> {
    return this.#schedule.advance();
  }

  /** Tells readers which components changed since they were told last; one instance does it for all. */
  tellChanges(): Promise<void> {
    return this.#telling = this.#telling.then(() => this.#tell());
  }

  /** After a restart nothing is known until it is measured; readers who come back must not believe what they have. */
  async tellStart(): Promise<void> {
    if (!this.#options.isAlone() || !this.publicFeed.hasToldStates) return;
    await this.publicFeed.append({ type: "snapshot", status: this.board.current() });
  }

  /** Tells this instance's own readers what the one that does it for all has not: it may be gone, or see less. */
  tellRest(): void {
    const components = this.board.components();
    if (!this.#hasHidden(components) && components.every((one) => this.#isTold(one))) return;
    this.publicFeed.tellSnapshot();
    this.#rememberAll(components);
  }

  /** Resolves when nothing is being told. */
  async close(): Promise<void> {
    this.publicFeed.close();
    await this.#telling;
    await this.teller.close();
  }

  async #tell(): Promise<void> {
    const components = this.board.components();
    for (const component of components) {
      const now = seen(component);
      if (this.#seen.get(component.id) !== now) this.board.noteChange(component.id);
      this.#seen.set(component.id, now);
    }
    // Without storage, nobody can do it for the others.
    if (this.publicFeed.isStorageThere && !this.#options.isFirst()) return;
    if (this.#hasHidden(components)) {
      // No event says that a component is gone; how things stand does.
      this.#rememberAll(components);
      await this.publicFeed.append({ type: "snapshot", status: this.board.current() });
      return;
    }
    for (const component of components.filter((one) => !this.#isTold(one))) {
      this.#remember(component);
      await this.publicFeed.append({ type: "component", component });
    }
  }

  /** Takes over what readers were told, by whichever instance. */
  #heard(event: StatusEvent): void {
    this.archive.hear(event);
    if (event.type === "component") this.#remember(event.component);
    if (event.type === "snapshot") this.#rememberAll(event.status.components);
    if (event.type !== "component" && event.type !== "snapshot") this.teller.wake();
    void this.tellChanges();
  }

  #isTold(component: StatusComponent): boolean {
    return this.#told.get(component.id) === seen(component);
  }

  /** Whether readers know of a component that is no longer shown. */
  #hasHidden(shown: readonly StatusComponent[]): boolean {
    const ids = new Set(shown.map(({ id }) => id));
    return [...this.#told.keys()].some((id) => !ids.has(id));
  }

  #remember(component: StatusComponent): void {
    this.#told.set(component.id, seen(component));
  }

  #rememberAll(components: readonly StatusComponent[]): void {
    this.#told.clear();
    for (const component of components) this.#remember(component);
  }

  async #readWorkspace(): Promise<void> {
    const { name, showsActivity = false } = await this.#options.workspaceOf();
    this.board.name = withoutFormatCharacters(name);
    this.board.figures.showsActivity = showsActivity;
  }
}

/** What readers see of a component that is worth an event. */
function seen({ state, name, description, group, position }: StatusComponent): string {
  return JSON.stringify([state, name, description, group, position]);
}
