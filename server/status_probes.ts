import { statusCopyFolder } from "./config.ts";
import { newSecret } from "../shared/ids.ts";
import type { Services } from "./services.ts";
import { componentsOf } from "./status/components.ts";
import { ActivityStore } from "./status/activity_store.ts";
import { DeliveryStore } from "./status/delivery_store.ts";
import { StatusCopy } from "./status/copies/status_copy.ts";
import { DraftStore } from "./status/drafts/draft_store.ts";
import { IncidentDrafter } from "./status/drafts/incident_drafter.ts";
import { ProbeRecordStore } from "./status/probe_record_store.ts";
import { CallsProbe } from "./status/probes/calls_probe.ts";
import { EventsProbe, LiveProbe, PeersProbe } from "./status/probes/dial_probes.ts";
import { JointProbe } from "./status/probes/joint_probe.ts";
import { MessageProbeStore } from "./status/probes/message_probe_store.ts";
import { SfuProbe } from "./status/probes/sfu_probe.ts";
import { SignalingProbeStore } from "./status/probes/signaling_probe_store.ts";
import type { SignalingProbeOptions } from "./status/probes/signaling_probe_store.ts";
import { StorageProbeStore } from "./status/probes/storage_probe_store.ts";
import type { StatusAnswers } from "./status/status_answers.ts";
import { StatusMonitor } from "./status/status_monitor.ts";
import { UptimeCounter } from "./status/uptime_counter.ts";
import { UptimeStore } from "./status/uptime_store.ts";

export interface CreateMonitorOptions {
  readonly services: Services;
  /** How this process reaches itself. */
  readonly localUrl: string;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  readonly hasTimers: boolean;
  readonly answers: StatusAnswers;
}

/** Creates what measures this instance, as configured. */
export function createMonitor(
  { services, localUrl, now, hasTimers, answers }: CreateMonitorOptions,
): StatusMonitor {
  const { config, db, hub, signals, presence, status, instances, ownerWarnings, log, feed, calls } = services;
  const { publicUrl, peerUrls, turn } = config;
  const name = config.instanceId ?? "instance";
  const instanceId = `${name}.${newSecret().slice(0, 8)}`;
  const dial = { publicUrl, localUrl };
  const folder = statusCopyFolder(config);
  const isFirst = () => instances.isFirst();
  const relay: SignalingProbeOptions["relay"] = (to, sent) => calls.relay.relay(to, sent);
  return new StatusMonitor({
    status,
    probes: [
      new MessageProbeStore({ log: status.probeLog, hub, streamId: name }),
      new LiveProbe(dial),
      new EventsProbe(dial),
      new StorageProbeStore(db, name),
      new JointProbe("calls", [
        new SignalingProbeStore({ db, log: status.probeLog, relay, signals, name }),
        ...(turn === null ? [] : [new CallsProbe({ ...turn, now })]),
        new SfuProbe(() => calls.isSfuThere),
      ]),
      ...(peerUrls.length === 0 ? [] : [new PeersProbe(peerUrls)]),
    ],
    counter: new UptimeCounter({
      store: new UptimeStore(db),
      board: status.board,
      componentIds: componentsOf(config).map(({ id }) => id),
      instanceId,
      clocks: () => ({ wallMs: now(), monotonicMs: performance.now() }),
      isFirst,
      isShared: feed.isShared,
    }),
    records: new ProbeRecordStore(db, instanceId),
    ownerWarnings,
    activity: new ActivityStore({ db, feed, onlineCount: () => presence.onlineCount, now, isFirst }),
    deliveries: new DeliveryStore(db, name),
    copy: folder === null ? null : new StatusCopy({ folder, answers, board: status.board, log, now }),
    drafter: new IncidentDrafter({ store: new DraftStore(db), board: status.board, log, now, isFirst }),
    log,
    now,
    isShared: feed.isShared,
    hasTimers,
  });
}
