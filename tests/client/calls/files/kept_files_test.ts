import { describe, expect, it, vi } from "vitest";
import type { FilesDisk } from "../../../../client/calls/files/files_disk.ts";
import { HELD_TOLD_MS } from "../../../../client/calls/files/held_file.ts";
import { KEPT_MS, KeptFiles } from "../../../../client/calls/files/kept_files.ts";
import { openTransferRecords } from "../../../../client/calls/files/transfer_records.ts";
import type { TransferRecord, TransferRecords } from "../../../../client/calls/files/transfer_records.ts";
import type { IncomingFile } from "../../../../shared/call/file_transfer.ts";
import type { UserId } from "../../../../shared/ids.ts";

const me = "A".repeat(16) as UserId;
const ana = "ana-person-00001" as UserId;
const file = (fileId: string) => ({ fileId, name: "plan.pdf", size: 1_000 }) as IncomingFile;

/** What is kept, over records that cannot be written if `canWrite` is false. */
function openKept({
  canWrite = true,
  storedBytes = 0,
  onMeasure = () => {},
  onRemove = () => {},
  onList = () => {},
}: {
  readonly canWrite?: boolean;
  readonly storedBytes?: number;
  readonly onMeasure?: () => unknown;
  readonly onRemove?: () => unknown;
  readonly onList?: (times: number) => unknown;
} = {}) {
  const asked: { readonly type: string; readonly paths?: readonly string[] }[] = [];
  const disk = {
    post: (request: { readonly type: string }) => void asked.push(request),
    measure: () => {
      onMeasure();
      return Promise.resolve(storedBytes);
    },
  } as unknown as FilesDisk;
  const rows = new Map<string, TransferRecord>();
  let listed = 0;
  const records: TransferRecords = {
    list: () => {
      listed += 1;
      onList(listed);
      return Promise.resolve([...rows.values()]);
    },
    put: (record) => {
      if (canWrite) rows.set(record.key, record);
      return Promise.resolve(canWrite);
    },
    remove: (key) => {
      onRemove();
      return Promise.resolve(rows.delete(key));
    },
    [Symbol.dispose]: () => {},
  };
  const kept = new KeptFiles({ me, disk, records, now: () => Date.now() });
  return { kept, asked, ids: () => kept.files.value.map(({ fileId }) => fileId) };
}

describe("KeptFiles", () => {
  it("FILE27 deletes nothing while it cannot be read what the files in storage are", async () => {
    const asked: unknown[] = [];
    const disk = { post: (request: unknown) => void asked.push(request) } as unknown as FilesDisk;
    const now = () => Date.now();
    using kept = new KeptFiles({ me, disk, records: await openTransferRecords({}), now });
    await kept.load();
    expect(asked).toEqual([]);
  });

  it("FILE30 knows what has come and gone while its records were read", async () => {
    const late: (() => void)[] = [];
    const { kept, ids } = openKept({ onMeasure: () => late.shift()?.() });
    using _ = kept;
    for (const fileId of ["part", "gone", "gone later"]) kept.keep(ana, file(fileId), false);
    await kept.load();
    late.push(() => {
      kept.drop(ana, "gone later");
      kept.keep(ana, file("new later"), true);
    });
    const loading = kept.load();
    kept.drop(ana, "gone");
    kept.keep(ana, file("new"), true);
    await loading;
    expect(ids()).toEqual(["part", "new", "new later"]);
    await kept.load();
    expect(ids()).toEqual(["part", "new", "new later"]);
  });

  it("FILE31 keeps a file whose record cannot be written as long as the page", async () => {
    const { kept, asked, ids } = openKept({ canWrite: false });
    using _ = kept;
    kept.keep(ana, file("full"), true);
    for (let times = 0; times < 2; times += 1) {
      await kept.load();
      expect(ids()).toEqual(["full"]);
      expect(asked.at(-1)?.paths).toEqual([`files-${me}/${ana}.full`]);
    }
  });

  it("FILE32 knows how much of a part is stored, after a reload and after its device has left", async () => {
    const { kept } = openKept({ storedBytes: 400 });
    using _ = kept;
    kept.keep(ana, file("part"), false);
    await kept.load();
    const stored = () => kept.files.value.map((record) => kept.storedOf(record));
    expect(stored()).toEqual([400]);
    kept.measured(ana, "part", 700);
    expect(stored()).toEqual([700]);
  });

  it("FILE33 does nothing more once it is disposed, whatever it was waiting for", async () => {
    vi.useFakeTimers();
    try {
      // A measure, the removal of an old record, and the second look are under way.
      for (const moment of ["measure", "remove", "list"] as const) {
        const { kept, asked } = openKept({
          onMeasure: () => moment === "measure" && kept[Symbol.dispose](),
          onRemove: () => moment === "remove" && kept[Symbol.dispose](),
          onList: (times) => moment === "list" && times === 2 && kept[Symbol.dispose](),
        });
        kept.keep(ana, file("old"), false);
        vi.setSystemTime(Date.now() + KEPT_MS);
        kept.keep(ana, file("part"), false);
        await kept.load();
        await vi.advanceTimersByTimeAsync(HELD_TOLD_MS);
        expect(asked.filter(({ type }) => type === "keep").length, moment).toBe(moment === "remove" ? 0 : 1);
        expect(vi.getTimerCount(), moment).toBe(0);
      }
    } finally {
      vi.useRealTimers();
    }
  });
});
