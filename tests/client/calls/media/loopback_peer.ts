import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { NO_TRACKS } from "../../../../client/calls/call_parts.ts";
import type { RemotePeer, Tracks } from "../../../../client/calls/call_parts.ts";
import { newId } from "../../../../shared/ids.ts";
import type { ParticipantId, UserId } from "../../../../shared/ids.ts";

/** A participant with tracks that are there already, or come later. */
export function makePeer(sent: Tracks | ReadonlySignal<Tracks>): RemotePeer {
  return {
    participantId: newId<ParticipantId>(),
    userId: newId<UserId>(),
    tracks: "value" in sent ? sent : signal(sent),
    phase: signal("up" as const),
    figures: signal(null),
    filesChannel: signal(null),
    safetyCode: () => Promise.resolve(null),
  };
}

/** A participant whose sounds come over a connection of this page with itself. */
export interface LoopbackPeer extends Disposable {
  readonly peer: RemotePeer;
}

/** Sends the tracks of this device to itself. Runs in a page. */
export async function openLoopbackPeer(sent: Partial<Tracks>): Promise<LoopbackPeer> {
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  for (const [one, other] of [[from, to], [to, from]] as const) {
    one.onicecandidate = ({ candidate }) => void other.addIceCandidate(candidate ?? undefined);
  }
  const tracks = signal(NO_TRACKS);
  const kinds: string[] = [];
  for (const [kind, track] of Object.entries(sent)) {
    if (track === null) continue;
    kinds.push(kind);
    from.addTrack(track, new MediaStream([track]));
  }
  to.ontrack = ({ track, transceiver }) => {
    const kind = kinds[to.getTransceivers().indexOf(transceiver)];
    if (kind !== undefined) tracks.value = { ...tracks.value, [kind]: track };
  };
  await from.setLocalDescription();
  await to.setRemoteDescription(from.localDescription ?? { type: "offer" });
  await to.setLocalDescription();
  await from.setRemoteDescription(to.localDescription ?? { type: "answer" });
  return {
    peer: makePeer(tracks),
    [Symbol.dispose]() {
      for (const connection of [from, to]) connection.close();
    },
  };
}
