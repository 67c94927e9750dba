import { signal } from "@preact/signals";
import { render } from "preact";
import type { JSX } from "preact";
import { openFilesWorker } from "../../../../client/app/trusted_types.ts";
import { FilesDisk, hasStorage } from "../../../../client/calls/files/files_disk.ts";
import { FilesModel } from "../../../../client/calls/files/files_model.ts";
import { FilesPanel } from "../../../../client/calls/files/FilesPanel.tsx";
import type { FilesPeer } from "../../../../client/calls/files/peer_files.ts";
import { droppedFiles, pickFiles, withoutHandles } from "../../../../client/calls/files/picked_file.ts";
import type { PickedFile } from "../../../../client/calls/files/picked_file.ts";
import { openTransferRecords } from "../../../../client/calls/files/transfer_records.ts";
import type { TransferRecords } from "../../../../client/calls/files/transfer_records.ts";
import { folderOf } from "../../../../client/calls/files/worker_messages.ts";
import { parseChunk } from "../../../../shared/call/file_message.ts";
import type { FileLabel } from "../../../../shared/call/call_types.ts";
import type { ParticipantId, UserId } from "../../../../shared/ids.ts";
import { connectPeer } from "./peer_connection.ts";
import type { PeerConnection } from "./peer_connection.ts";

/** What a page of the tests of `FilesModel` has for them. */
export interface FilesDesk {
  readonly model: FilesModel;
  readonly records: TransferRecords;
  readonly handed: FileLabel[];
  readonly problems: string[];
  /** Bytes of files that have come to this page, or left it. */
  receivedBytes: number;
  sentBytes: number;
  /** Set before the page is loaded, by `addInitScript`. */
  connect(number: number, isOffering: boolean): void;
  disconnect(): void;
  /** Offers what was dropped or chosen last. */
  offer(picked: readonly PickedFile[]): string | null;
  withoutHandles: typeof withoutHandles;
  /** Names of what was chosen from a dialog. */
  readonly chosen: string[];
  /** Opens that dialog. */
  choose(): void;
}

const OTHER = { ana: "bo-person-000001", bo: "ana-person-00001" } as const;
const name = location.hash === "#ana" ? "ana" : "bo";
const me = OTHER[name === "ana" ? "bo" : "ana"] as UserId;
const peerId = OTHER[name] as UserId;
const participantId = "participant-0001" as ParticipantId;

const { FILES_WORKER_URL } = await import("../../../../client/calls/files/files_worker.ts");
const peers = signal<ReadonlyMap<ParticipantId, FilesPeer>>(new Map());
const handed: FileLabel[] = [];
const problems: string[] = [];
const folder = folderOf(me);
const records = await openTransferRecords();
const model = new FilesModel({
  me,
  disk: new FilesDisk(openFilesWorker(FILES_WORKER_URL, folder), folder),
  records,
  peers,
  canReceive: await hasStorage(),
  onHanded: (_, file) => void handed.push(file),
  now: () => Date.now() + Number((globalThis as { aheadMs?: number }).aheadMs ?? 0),
});
await model.start();
let peer: PeerConnection | null = null;

const desk: FilesDesk = {
  model,
  records,
  handed,
  problems,
  withoutHandles,
  receivedBytes: 0,
  sentBytes: 0,
  connect(number, isOffering) {
    desk.disconnect();
    peer = connectPeer(number, isOffering);
    const { files } = peer;
    const send = files.send.bind(files) as (frame: unknown) => void;
    files.send = (frame: unknown) => {
      send(frame);
      desk.sentBytes += bytesIn(frame);
    };
    files.addEventListener("message", ({ data }) => desk.receivedBytes += bytesIn(data));
    const filesChannel = signal<RTCDataChannel | null>(null);
    files.onopen = () => filesChannel.value = files;
    files.onclose = () => filesChannel.value = null;
    peers.value = new Map([[participantId, { participantId, userId: peerId, filesChannel }]]);
  },
  disconnect() {
    peer?.connection.close();
    peers.value = new Map();
  },
  offer: (picked) => model.offer(peerId, picked),
  chosen: [],
  choose: () => void pickFiles().then((picked) => desk.chosen.push(...picked.map(({ file }) => file.name))),
};
Object.assign(globalThis, { desk });
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then((picked) => desk.offer(picked));
});

/** How many bytes of a file are in a frame. */
function bytesIn(frame: unknown): number {
  const bytes = frame instanceof ArrayBuffer ? new Uint8Array(frame) : frame;
  return bytes instanceof Uint8Array ? parseChunk(bytes as Uint8Array<ArrayBuffer>)?.bytes.length ?? 0 : 0;
}

function Page(): JSX.Element {
  return (
    <FilesPanel
      model={model}
      offers={[]}
      onGoOn={null}
      nameOf={() => name === "ana" ? "Bo" : "Ana"}
      onProblem={(text) => void problems.push(text)}
    />
  );
}
const root = document.querySelector("#app");
if (root !== null) render(<Page />, root);
