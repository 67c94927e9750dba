import { describe, expect, it } from "vitest";
import type { FilesDisk } from "../../../../client/calls/files/files_disk.ts";
import { KeptFiles } from "../../../../client/calls/files/kept_files.ts";
import { openTransferRecords } from "../../../../client/calls/files/transfer_records.ts";
import type { UserId } from "../../../../shared/ids.ts";

describe("KeptFiles", () => {
  it("FILE27 deletes nothing while it cannot be read what the files in storage are", async () => {
    const asked: unknown[] = [];
    const disk = { post: (request: unknown) => void asked.push(request) } as unknown as FilesDisk;
    const now = () => Date.now();
    const me = "A".repeat(16) as UserId;
    using kept = new KeptFiles({ me, disk, records: await openTransferRecords({}), now });
    await kept.load();
    expect(asked).toEqual([]);
  });
});
