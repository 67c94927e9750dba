import { isIP } from "node:net";
import { connect } from "node:tls";

const DEFAULT_PORT = 443;

/** Returns until when the certificate at an `https:` origin is valid, in epoch ms, whoever has signed it. */
export async function certificateEnd(origin: string, signal: AbortSignal): Promise<number> {
  const { hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, "");
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connect({
    host,
    port: Number(port) || DEFAULT_PORT,
    // One that has expired, or that only browsers of the team trust, tells its end too; nothing is sent.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  socket.on("error", reject);
  socket.once("secureConnect", () => {
    const endsAt = Date.parse(socket.getPeerCertificate().valid_to);
    if (Number.isNaN(endsAt)) reject(new Error("The certificate does not say when it ends"));
    else resolve(endsAt);
  });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}
