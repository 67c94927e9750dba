import type { CallServers } from "../call_servers.ts";
import { AppError } from "../../shared/errors.ts";
import type { InCall } from "./calls.ts";
import { iceServersFor } from "./ice_servers.ts";
import type { IceServerList } from "./ice_servers.ts";
import { SfuRooms } from "./sfu_rooms.ts";
import type { SfuJoin } from "./sfu_rooms.ts";

export interface MediaServersOptions {
  readonly servers: CallServers;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** What participants are told about the servers that their media may pass. */
export class MediaServers {
  /** Rooms of the LiveKit server; null if there is none. */
  readonly sfu: SfuRooms | null;
  readonly #options: MediaServersOptions;

  constructor(options: MediaServersOptions) {
    const { servers: { liveKit }, now } = options;
    this.#options = options;
    this.sfu = liveKit === null ? null : new SfuRooms({ liveKit, now });
  }

  /** Lists STUN and TURN servers, with credentials that name the account. */
  iceServers({ participant }: InCall): IceServerList {
    const { servers, now } = this.#options;
    return iceServersFor(servers, { userId: participant.userId, now: now() });
  }

  /** Lists the same servers without credentials, to find out whether they can be reached. */
  namesOfServers(): IceServerList {
    return iceServersFor(this.#options.servers, null);
  }

  /** Lets a participant join the room of its call, if its media travel through LiveKit; throws `wrong_state`. */
  async joinSfu({ call, participant }: InCall): Promise<SfuJoin> {
    if (this.sfu === null || call.topology !== "sfu") {
      throw new AppError("wrong_state", "This call goes from browser to browser");
    }
    return await this.sfu.join(call.callId, participant.participantId);
  }
}
