/** A page's end of a connection to the one other page of the same browser, which carries a channel for files. */
export interface PeerConnection {
  readonly connection: RTCPeerConnection;
  /** Nothing of ours: to measure what the connection can carry. */
  readonly data: RTCDataChannel;
  readonly files: RTCDataChannel;
}

type Signal =
  | { readonly to: number; readonly description: RTCSessionDescriptionInit }
  | { readonly to: number; readonly candidate: RTCIceCandidateInit | null };

/**
 * Connects; the page with `isOffering` begins. Pages must agree on the number, which stands for the epoch.
 */
export function connectPeer(number: number, isOffering: boolean): PeerConnection {
  const connection = new RTCPeerConnection();
  const data = connection.createDataChannel("data", { negotiated: true, id: 0 });
  data.binaryType = "arraybuffer";
  const files = connection.createDataChannel("files", { negotiated: true, id: 1 });
  const channel = new BroadcastChannel("signals");
  const tell = (signal: Signal) => channel.postMessage(signal);
  connection.onicecandidate = ({ candidate }) => tell({ to: number, candidate: candidate?.toJSON() ?? null });
  const describe = async () => {
    await connection.setLocalDescription();
    const { type, sdp = "" } = connection.localDescription ?? { type: "offer" };
    tell({ to: number, description: { type, sdp } });
  };
  let turn = Promise.resolve();
  channel.onmessage = ({ data: signal }: MessageEvent<Signal>) => {
    if (signal.to !== number) return;
    turn = turn.then(async () => {
      if ("candidate" in signal) return await connection.addIceCandidate(signal.candidate ?? undefined);
      await connection.setRemoteDescription(signal.description);
      if (signal.description.type === "offer") await describe();
    });
  };
  if (isOffering) turn = turn.then(describe);
  return { connection, data, files };
}
