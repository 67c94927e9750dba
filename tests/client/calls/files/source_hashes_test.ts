import { describe, expect, it } from "vitest";
import { HASH_AHEAD_BYTES, SourceHashes } from "../../../../client/calls/files/source_hashes.ts";
import type { OutgoingFile, OutgoingPhase } from "../../../../shared/call/file_transfer.ts";

const blob = (size: number) => ({ size }) as Blob;

function file(fileId: string, phase: OutgoingPhase): OutgoingFile {
  return {
    fileId,
    phase,
    name: "",
    size: 1,
    acked: 0,
    movedAt: 0,
    sent: 0,
    isAccepted: false,
    hash: null,
  };
}

describe("SourceHashes", () => {
  it("hash so much before anybody has accepted it, and the rest when it is accepted", () => {
    const hashed: string[] = [];
    const hashes = new SourceHashes((fileId) => void hashed.push(fileId));
    hashes.offered("small", blob(1));
    hashes.offered("large", blob(HASH_AHEAD_BYTES));
    hashes.offered("declined", blob(HASH_AHEAD_BYTES));
    expect(hashed).toEqual(["small"]);
    hashes.follow([file("small", "offered"), file("large", "offered"), file("declined", "declined")]);
    expect(hashed).toEqual(["small"]);
    for (let times = 0; times < 2; times += 1) hashes.follow([file("large", "waiting")]);
    expect(hashed).toEqual(["small", "large"]);
    // What was accepted makes room.
    hashes.follow([file("small", "sending")]);
    hashes.offered("next", blob(HASH_AHEAD_BYTES));
    expect(hashed).toEqual(["small", "large", "next"]);
  });
});
