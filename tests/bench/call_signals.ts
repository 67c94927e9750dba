import { callTab, generalRoom } from "../support/call_kit.ts";
import type { CallTab } from "../support/call_kit.ts";
import { testApp } from "../support/test_app.ts";
import { twoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";
import { delay } from "./process.ts";

const SIGNAL_COUNT = 200;
/** A description of a call has about this size. */
const PAYLOAD = "x".repeat(2_000);
/** Below what one participant may send. */
const SIGNAL_EACH_MS = 50;

/** Times from sending a signal until it is heard, in milliseconds. */
export async function localSignals(): Promise<number[]> {
  await using app = await testApp();
  const person = await app.person("Bo");
  const ana = await callTab(app.clientFor(app.owner, "ws"));
  const bo = await callTab(app.clientFor(person, "ws"));
  return await sendTimed(ana, bo, await generalRoom(app.owner));
}

/** The same where the other person is on another instance. */
export async function signalsBetweenInstances(): Promise<number[]> {
  await using pair = await twoInstances();
  const person = await pair.app.person("Bo");
  const ana = await callTab(pair.client("a", pair.app.owner, "ws"));
  const bo = await callTab(pair.client("b", person, "ws"));
  return await sendTimed(ana, bo, await generalRoom(pair.app.owner));
}

async function sendTimed(
  ana: CallTab,
  bo: CallTab,
  roomId: Parameters<CallTab["start"]>[0],
): Promise<number[]> {
  const { call: { callId } } = await ana.start(roomId);
  const joined = await waitFor(() => bo.join({ callId }).catch(() => null), { timeoutMs: 20_000 });
  const times: number[] = [];
  for (let seq = 0; seq < SIGNAL_COUNT; seq++) {
    const heardBefore = bo.all("signal").length;
    const startedAt = performance.now();
    void ana.api.calls.signal.mutate({
      tabId: ana.tabId,
      callId,
      to: joined.participantId,
      epoch: 0,
      seq,
      kind: "offer",
      payload: PAYLOAD,
    });
    // Waiting for the next turn costs less than what is measured.
    while (bo.all("signal").length === heardBefore) await new Promise((resolve) => setImmediate(resolve));
    times.push(performance.now() - startedAt);
    await delay(SIGNAL_EACH_MS);
  }
  ana.stop();
  bo.stop();
  return times;
}
