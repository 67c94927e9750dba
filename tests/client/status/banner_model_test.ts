import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { BannerModel } from "../../../client/status/banner_model.ts";
import { withoutFormatCharacters } from "../../../shared/format_characters.ts";
import type {
  Announcement,
  Status,
  StatusIncident,
  StatusMaintenance,
} from "../../../shared/status/status.ts";

const NOW = "2030-01-31T12:00:00.000Z";

const incident = (id: string, changes: Partial<StatusIncident> = {}): StatusIncident => ({
  id,
  title: `Incident ${id}`,
  state: "investigating",
  impact: "major",
  components: [],
  startedAt: NOW,
  createdAt: NOW,
  updatedAt: NOW,
  monitoringAt: null,
  resolvedAt: null,
  updates: [],
  ...changes,
});

const announcement = (id: string, changes: Partial<Announcement> = {}): Announcement => ({
  id,
  text: `Text ${id}`,
  html: `<p dir="auto">Text ${id}</p>`,
  level: "info",
  at: NOW,
  expiresAt: null,
  retractedAt: null,
  ...changes,
});

const maintenance = (id: string, changes: Partial<StatusMaintenance> = {}): StatusMaintenance => ({
  id,
  title: `Work ${id}`,
  state: "scheduled",
  components: ["calls"],
  startsAt: "2030-02-01T13:00:00.000Z",
  endsAt: "2030-02-01T13:30:00.000Z",
  createdAt: NOW,
  updatedAt: NOW,
  resolvedAt: null,
  updates: [],
  ...changes,
});

const calls = {
  id: "calls",
  name: "Calls",
  description: null,
  note: null,
  group: null,
  position: 1,
  state: "operational",
  measuredAt: NOW,
  uptime90: null,
} as const;

const status = (changes: Partial<Status> = {}): Status => ({
  page: { name: "Harbour", asOf: new Date(Date.now()).toISOString() },
  state: "operational",
  sentence: "All systems operational.",
  components: [],
  incidents: [],
  maintenances: [],
  announcements: [],
  metrics: { deliveredMs: null, measuredAt: null },
  ...changes,
});

class Store {
  readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
}

function setup(store = new Store()) {
  const model = new BannerModel({ storage: store });
  const tabs = new EventTarget();
  model.start(tabs as Window);
  onTestFinished(() => model[Symbol.dispose]());
  const show = (changes: Partial<Status>) => model.apply({ type: "snapshot", status: status(changes) });
  return { model, store, tabs, show, ids: () => model.items.value.map(({ id }) => id) };
}

describe("BannerModel", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse(NOW) });
    onTestFinished(() => vi.useRealTimers());
  });

  it("puts the most severe first, then incidents, then what is newest", () => {
    const { show, ids } = setup();
    show({
      incidents: [incident("i1"), incident("i2", { impact: "critical" }), incident("i3", { impact: "none" })],
      announcements: [
        announcement("a1", { level: "critical" }),
        announcement("a2", { level: "warning" }),
        announcement("a3", { at: "2030-01-31T11:00:00.000Z" }),
        announcement("a4"),
      ],
      maintenances: [
        maintenance("m1", { startsAt: "2030-02-01T10:00:00.000Z" }),
        maintenance("m2", { startsAt: NOW, state: "in_progress" }),
        maintenance("m3", { startsAt: "2030-01-31T10:00:00.000Z", endsAt: NOW, state: "verifying" }),
      ],
    });
    expect(ids()).toEqual(["i2", "a1", "i1", "m3", "a2", "i3", "m2", "m1", "a4", "a3"]);
  });

  it("says how the components of an incident are", () => {
    const { model, show } = setup();
    show({
      components: [
        calls,
        { ...calls, id: "live", name: "Live connection" },
      ],
      incidents: [incident("i1", { components: [{ id: "calls", status: "major_outage" }] })],
    });
    expect(model.items.value).toMatchObject([
      { title: "Investigating: Incident i1", text: "Calls are down.", path: "/status/incidents/i1" },
    ]);
  });

  it("takes an announcement away when its time is over, by the server's clock", () => {
    const { model, ids } = setup();
    // The server is ten minutes ahead of this device.
    const page = { name: "Harbour", asOf: "2030-01-31T12:10:00.000Z" };
    const one = announcement("a1", { expiresAt: "2030-01-31T12:11:00.000Z" });
    model.apply({ type: "snapshot", status: status({ page, announcements: [one] }) });
    expect(ids()).toEqual(["a1"]);
    vi.advanceTimersByTime(59_000);
    expect(ids()).toEqual(["a1"]);
    vi.advanceTimersByTime(1_000);
    expect(ids()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells once more of maintenance that was closed ahead when it begins, also by hand", () => {
    const { model, show } = setup();
    show({ maintenances: [maintenance("m1"), maintenance("m2")] });
    // A minute before it begins.
    vi.advanceTimersByTime(89_940_000);
    expect(model.items.value).toHaveLength(2);
    for (const { id } of model.items.value) model.dismiss(id);
    expect(model.items.value).toEqual([]);
    model.apply({ type: "maintenance", maintenance: maintenance("m2", { state: "in_progress" }) });
    expect(model.items.value.map(({ id }) => id)).toEqual(["m2"]);
    model.dismiss("m2");
    vi.advanceTimersByTime(60_000);
    expect(model.items.value.map(({ id, title }) => [id, title.slice(0, 17)])).toEqual([[
      "m1",
      "Maintenance until",
    ]]);
    expect(model.liveTexts.value.polite).toContain("Work m1");
    model.dismiss("m1");
    expect(model.items.value).toEqual([]);
  });

  it("shows maintenance a day ahead, while it runs, and when it takes longer than planned", () => {
    const { model, show } = setup();
    show({
      components: [calls],
      maintenances: [maintenance("m1"), maintenance("m2", { state: "verifying" })],
    });
    model.dismiss("m2");
    const shown = () => model.items.value.map(({ level, title, text }) => `${level}: ${title} ${text}`);
    const time = String.raw`\d{1,2}:\d\d(?: [AP]M)?`;
    expect(shown()).toEqual([]);
    // It is noon of the day before.
    vi.advanceTimersByTime(3_599_000);
    expect(shown()).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(shown()).toEqual([
      expect.stringMatching(`^info: Maintenance from .*${time} to ${time}: Work m1 Affects Calls\\.$`),
    ]);
    expect(model.liveTexts.value.polite).toMatch(/^Maintenance from .*: Work m1\. Affects Calls\.$/);
    const texts = model.liveTexts.value;
    // With or without the event of its start.
    vi.advanceTimersByTime(86_400_000);
    const until = expect.stringMatching(`^info: Maintenance until ${time}: Work m1 Affects Calls\\.$`);
    expect(shown()).toEqual([until]);
    model.apply({ type: "maintenance", maintenance: maintenance("m1", { state: "in_progress" }) });
    expect(shown()).toEqual([until]);
    vi.advanceTimersByTime(30 * 60_000);
    expect(shown()).toEqual(["warning: Maintenance takes longer than planned: Work m1 Affects Calls."]);
    expect(model.liveTexts.value).toBe(texts);
    model.apply({ type: "maintenance", maintenance: maintenance("m1", { state: "completed" }) });
    expect([shown(), vi.getTimerCount()]).toEqual([[], 0]);
  });

  it("takes away what is retracted, resolved or deleted", () => {
    const { model, show, ids } = setup();
    show({ incidents: [incident("i1"), incident("i2")], announcements: [announcement("a1")] });
    model.apply({ type: "announcement", announcement: announcement("a1", { retractedAt: NOW }) });
    model.apply({ type: "incident", incident: incident("i1", { state: "resolved", resolvedAt: NOW }) });
    expect(ids()).toEqual(["i2"]);
    model.apply({ type: "incident", incident: { id: "i2", deletedAt: NOW } });
    expect(ids()).toEqual([]);
  });

  it("waits no longer than timers can, and for nothing once it has ended", () => {
    const { model, show, ids } = setup();
    const wait = vi.spyOn(globalThis, "setTimeout");
    onTestFinished(() => wait.mockRestore());
    const inYears = announcement("a1", { expiresAt: "2032-01-31T12:00:00.000Z" });
    show({ announcements: [inYears] });
    expect(wait).toHaveBeenCalled();
    for (const [, ms = 0] of wait.mock.calls) expect(ms).toBeLessThan(2 ** 31);
    expect(vi.getTimerCount()).toBe(1);
    model[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
    model.apply({ type: "announcement", announcement: inYears });
    expect([ids(), vi.getTimerCount()]).toEqual([["a1"], 0]);
  });

  it("does not show again what was dismissed in this browser, in another tab too", () => {
    const { model, store, tabs, show, ids } = setup();
    const other = setup(store);
    for (const one of [show, other.show]) {
      one({ incidents: [incident("i1")], announcements: [announcement("a1")] });
    }
    model.dismiss("i1");
    expect(ids()).toEqual(["a1"]);
    const [key] = [...store.items.keys()];
    for (const target of [tabs, other.tabs]) {
      target.dispatchEvent(Object.assign(new Event("storage"), { key }));
    }
    expect(other.ids()).toEqual(["a1"]);
    // A further update of it stays away.
    model.apply({ type: "incident", incident: incident("i1", { state: "identified" }) });
    const later = setup(store);
    later.show({ incidents: [incident("i1")], announcements: [announcement("a1")] });
    expect([ids(), later.ids()]).toEqual([["a1"], ["a1"]]);
  });

  it("says what is measured not to work while no open incident says it, until it works", () => {
    const { model, show } = setup();
    const live = { ...calls, id: "live", name: "Live connection" } as const;
    const shown = () =>
      model.items.value.map(({ level, title, text }) =>
        withoutFormatCharacters(`${level}: ${title}. ${text}`)
      );
    for (const state of ["unknown", "under_maintenance", "operational"] as const) {
      show({ components: [{ ...calls, state }, live] });
      expect(shown()).toEqual([]);
    }
    const down = { ...calls, state: "major_outage" } as const;
    model.apply({ type: "component", component: down });
    expect(shown()).toEqual(["critical: Calls are down. Live connection works normally."]);
    expect(withoutFormatCharacters(model.liveTexts.value.assertive))
      .toBe("Calls are down. Live connection works normally.");
    const open = incident("i1", { components: [{ id: "calls", status: "partial_outage" }] });
    model.apply({ type: "incident", incident: open });
    expect(shown()).toEqual(["warning: Investigating: Incident i1. Calls are down."]);
    model.apply({ type: "component", component: { ...live, state: "degraded_performance" } });
    expect(shown()).toEqual([
      "warning: Investigating: Incident i1. Calls are down.",
      "warning: Live connection is degraded. ",
    ]);
    model.apply({
      type: "incident",
      incident: { ...open, components: [{ id: "calls", status: "operational" }] },
    });
    expect(shown()[0]).toMatch(/^critical: Calls are down\./);
    model.apply({ type: "incident", incident: { id: "i1", deletedAt: NOW } });
    for (const component of [calls, live]) model.apply({ type: "component", component });
    expect(shown()).toEqual([]);
  });

  it("shows an outage that was closed when another part fails, and when it comes again", () => {
    const { model, show, ids, store } = setup();
    const live = { ...calls, id: "live", name: "Live connection" } as const;
    const down = { ...calls, state: "major_outage" } as const;
    show({ components: [down, live] });
    model.dismiss("outage");
    show({ components: [down, live] });
    expect([ids(), [...store.items]]).toEqual([[], []]);
    const texts = model.liveTexts.value;
    show({ components: [down, { ...live, state: "partial_outage" }] });
    expect(ids()).toEqual(["outage"]);
    expect(model.liveTexts.value).not.toBe(texts);
    model.dismiss("outage");
    // A part that recovers is no news.
    show({ components: [down, live] });
    expect(ids()).toEqual([]);
    show({ components: [calls, live] });
    const before = model.liveTexts.value;
    show({ components: [down, live] });
    expect(ids()).toEqual(["outage"]);
    const told = model.liveTexts.value;
    expect(told).not.toBe(before);
    // It gets milder or worse, and is told once.
    show({ components: [{ ...calls, state: "partial_outage" }, live] });
    expect(model.liveTexts.value).toBe(told);
  });

  it("tells screen readers of each item once, and interrupts for critical ones only", () => {
    const { model, show } = setup();
    const incidents = [incident("i1")];
    const announcements = [
      announcement("a1", { level: "critical", html: "<p><strong>Run</strong> now</p>" }),
    ];
    show({ incidents, announcements });
    expect(model.liveTexts.value).toEqual({ polite: "Investigating: Incident i1.", assertive: "Run now." });
    const texts = model.liveTexts.value;
    show({ incidents, announcements });
    model.apply({ type: "incident", incident: incident("i1", { state: "identified" }) });
    expect(model.liveTexts.value).toBe(texts);
    model.apply({ type: "announcement", announcement: announcement("a2") });
    expect(model.liveTexts.value).toEqual({ polite: "Text a2.", assertive: "" });
  });

  it("shows drafts to those who were given some, and says nothing of them to others", () => {
    const { model, show, ids } = setup();
    show({});
    model.setDrafts([incident("d1")]);
    expect(model.items.value).toMatchObject([{
      kind: "draft",
      level: "warning",
      title: "Draft: Incident d1",
    }]);
    model.setDrafts([]);
    expect(ids()).toEqual([]);
  });
});
