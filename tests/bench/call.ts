import { openBareCall } from "../support/bare_call.ts";
import { percentile, printTable } from "./stats.ts";

const ROUND_COUNT = 10;
const FILE_BYTES = 50 * 1024 * 1024;

/** What a browser takes by itself on this machine: the reference for calls and files. */
interface Reference {
  readonly firstFrameMs: readonly number[];
  readonly bytesPerSecond: number;
}

/** Measures calls beside two bare RTCPeerConnections in the same run. */
export async function call(): Promise<boolean> {
  const { firstFrameMs, bytesPerSecond } = await measureBare();
  printTable("Two bare RTCPeerConnections in one Chromium", [
    ["", "p50", "p95"],
    [
      "offer → first remote frame, ms",
      ...[50, 95].map((percent) => percentile(firstFrameMs, percent).toFixed(0)),
    ],
    [`${FILE_BYTES / 1024 ** 2} MiB over a data channel, MB/s`, (bytesPerSecond / 1e6).toFixed(1), ""],
  ]);
  return true;
}

async function measureBare(): Promise<Reference> {
  const firstFrameMs: number[] = [];
  let bytesPerSecond = NaN;
  for (let round = 0; round < ROUND_COUNT; round++) {
    await using bare = await openBareCall();
    firstFrameMs.push(bare.firstFrameMs);
    if (round === 0) bytesPerSecond = await bare.sendData(FILE_BYTES);
  }
  return { firstFrameMs, bytesPerSecond };
}
