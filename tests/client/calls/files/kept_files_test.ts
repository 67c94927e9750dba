import { describe, expect, it } from "vitest";
import type { FilesDisk } from "../../../../client/calls/files/files_disk.ts";
import { KeptFiles } from "../../../../client/calls/files/kept_files.ts";
import { openTransferRecords } from "../../../../client/calls/files/transfer_records.ts";
import type { TransferRecord, TransferRecords } from "../../../../client/calls/files/transfer_records.ts";
import type { IncomingFile } from "../../../../shared/call/file_transfer.ts";
import type { UserId } from "../../../../shared/ids.ts";

const me = "A".repeat(16) as UserId;
const ana = "ana-person-00001" as UserId;
const file = (fileId: string) => ({ fileId, name: "plan.pdf", size: 1_000 }) as IncomingFile;

/** What is kept, over records that cannot be written if `canWrite` is false. */
function openKept({ canWrite = true, storedBytes = 0, onMeasure = () => {} } = {}) {
  const asked: { readonly type: string; readonly paths?: readonly string[] }[] = [];
  const disk = {
    post: (request: { readonly type: string }) => void asked.push(request),
    measure: () => {
      onMeasure();
      return Promise.resolve(storedBytes);
    },
  } as unknown as FilesDisk;
  const rows = new Map<string, TransferRecord>();
  const records: TransferRecords = {
    list: () => Promise.resolve([...rows.values()]),
    put: (record) => {
      if (canWrite) rows.set(record.key, record);
      return Promise.resolve(canWrite);
    },
    remove: (key) => Promise.resolve(rows.delete(key)),
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
});
