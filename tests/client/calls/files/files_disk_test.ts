import { describe, expect, it } from "vitest";
import { FilesDisk } from "../../../../client/calls/files/files_disk.ts";
import type { WorkerReport } from "../../../../client/calls/files/worker_messages.ts";

/** A disk whose worker notes what it is asked. */
function openDisk() {
  const asked: unknown[] = [];
  const events = new EventTarget();
  const worker = {
    postMessage: (request: unknown) => void asked.push(request),
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    terminate: () => {},
  };
  const report = (data: WorkerReport) => void events.dispatchEvent(new MessageEvent("message", { data }));
  return { disk: new FilesDisk(worker as unknown as Worker, "files-a"), asked, report };
}

describe("FilesDisk", () => {
  it("FILE33 lets nobody end a file that another device of the person goes on with", () => {
    const { disk, asked, report } = openDisk();
    const heard: string[] = [];
    const first = disk.hold("a", ({ type }) => void heard.push(`first ${type}`));
    const second = disk.hold("a", ({ type }) => void heard.push(`second ${type}`));
    first.post({ type: "hash", key: "a" });
    first.release();
    first.release({ isDiscarded: true });
    expect([asked, heard]).toEqual([[], ["first taken"]]);
    report({ type: "stored", key: "a", offset: 1 });
    expect(heard).toEqual(["first taken", "second stored"]);
    second.release({ isDiscarded: true });
    second.release();
    expect(asked).toEqual([{ type: "discard", key: "a" }]);
    disk[Symbol.dispose]();
  });
});
