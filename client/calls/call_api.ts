import type { CallAnswer, CallRequest } from "../../shared/call/call_requests.ts";
import type { TabId } from "../../shared/ids.ts";
import type { Trpc } from "../net/trpc.ts";

/** The procedures that a call uses. */
export type CallsApi = Pick<
  Trpc["calls"],
  | "start"
  | "accept"
  | "join"
  | "ring"
  | "rang"
  | "cancel"
  | "leave"
  | "decline"
  | "media"
  | "current"
  | "signal"
  | "iceServers"
  | "connectSfu"
>;

/** Sends a request of `reduceCall` for this tab; rejects with the server's error. */
export async function sendRequest(api: CallsApi, tabId: TabId, request: CallRequest): Promise<CallAnswer> {
  switch (request.type) {
    case "start": {
      const { roomId, media, ring, purpose, files } = request;
      const input = { tabId, roomId, media, ring: [...ring] };
      const offered = files === undefined ? {} : { files: [...files] };
      const joined = await api.start.mutate(purpose === "files" ? { ...input, purpose, ...offered } : input);
      return { type: "joined", joined };
    }
    case "accept":
    case "join": {
      const { type, callId, media } = request;
      return { type: "joined", joined: await api[type].mutate({ tabId, callId, media }) };
    }
    case "media": {
      const { callId, media, revision } = request;
      return { type: "media", told: await api.media.mutate({ tabId, callId, ...media, revision }) };
    }
    case "current":
      return { type: "current", call: await api.current.query({ roomId: request.roomId }) };
    case "ring": {
      const { callId, userId } = request;
      await api.ring.mutate({ tabId, callId, userId });
      return { type: "done" };
    }
    case "decline": {
      const { callId, reason } = request;
      await api.decline.mutate({ tabId, callId, reason });
      return { type: "done" };
    }
    default: {
      const { type, callId } = request;
      await api[type].mutate({ tabId, callId });
      return { type: "done" };
    }
  }
}
