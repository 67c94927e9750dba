import { openFilesWorker } from "../../../../client/app/trusted_types.ts";
import { FilesDisk } from "../../../../client/calls/files/files_disk.ts";
import { FilesLink } from "../../../../client/calls/files/files_link.ts";
import { parseChunk } from "../../../../shared/call/file_message.ts";
import type { UserId } from "../../../../shared/ids.ts";
import { connectPeer } from "./peer_connection.ts";
import type { PeerConnection } from "./peer_connection.ts";

/** What a page of the tests of `FilesLink` has for them. */
export interface LinkDesk {
  readonly disk: FilesDisk;
  readonly link: FilesLink;
  /** How workers are started. */
  readonly openWorker: typeof openFilesWorker;
  /** Replaces the connection. */
  connect(number: number, isOffering: boolean): void;
  /** The channel of the connection. */
  channel(): RTCDataChannel;
  /** The most that the channel has held. */
  maxBufferedBytes: number;
  /** Where the first chunk of each connection begins. */
  readonly firstOffsets: number[];
  /** Called with each chunk that arrives, and may change it. */
  onChunk: ((chunk: Uint8Array) => void) | null;
}

const { FILES_WORKER_URL } = await import("../../../../client/calls/files/files_worker.ts");
const folder = `files-${location.hash.slice(1)}`;
const disk = new FilesDisk(openFilesWorker(FILES_WORKER_URL, folder), folder);
let peer: PeerConnection | null = null;

const desk: LinkDesk = {
  disk,
  openWorker: openFilesWorker,
  link: new FilesLink({ userId: "other-person-001" as UserId, disk, recall: () => null }),
  maxBufferedBytes: 0,
  firstOffsets: [],
  onChunk: null,
  channel() {
    if (peer === null) throw new Error("Not connected");
    return peer.files;
  },
  connect(number, isOffering) {
    peer?.connection.close();
    desk.link.setChannel(null);
    peer = connectPeer(number, isOffering);
    Object.assign(globalThis, { data: peer.data });
    const { files } = peer;
    const send = files.send.bind(files) as (frame: unknown) => void;
    files.send = (frame: unknown) => {
      send(frame);
      desk.maxBufferedBytes = Math.max(desk.maxBufferedBytes, files.bufferedAmount);
    };
    let isFirst = true;
    files.addEventListener("message", ({ data }) => {
      if (!(data instanceof ArrayBuffer)) return;
      const chunk = new Uint8Array(data);
      if (isFirst) desk.firstOffsets.push(parseChunk(chunk)?.offset ?? -1);
      isFirst = false;
      desk.onChunk?.(chunk);
    });
    desk.link.setChannel(files);
  },
};
Object.assign(globalThis, { desk });
