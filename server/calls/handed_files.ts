import { cleanFileName } from "../../shared/call/file_name.ts";
import type { CallId, ParticipantId, RoomId } from "../../shared/ids.ts";
import { notFound } from "../auth/authorize.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { notInCall, requireDevice } from "./call_record.ts";
import type { CallDevice } from "./call_record.ts";
import type { CallRowStore } from "./call_row_store.ts";

/** A file that has arrived. */
export interface HandedFile {
  readonly callId: CallId;
  /** Who sent it. */
  readonly from: ParticipantId;
  readonly name: string;
  readonly bytes: number;
}

/** Records which files were handed over in calls. The files themselves never pass the server. */
export class HandedFiles {
  readonly #rows: CallRowStore;

  constructor(rows: CallRowStore) {
    this.#rows = rows;
  }

  /** Records a file that its receiver has. */
  async done(device: CallDevice, roomId: RoomId, { callId, from, name, bytes }: HandedFile): Promise<void> {
    const cleanName = cleanFileName(name);
    await this.#rows.append(roomId, device.userId, async ({ call }) => {
      if (call === null || call.callId !== callId) throw notFound();
      if (requireDevice(call, device).participantId === from) {
        throw invalidInput("from", "Must be another participant");
      }
      const sender = call.participants.find(({ participantId }) => participantId === from);
      if (sender === undefined) throw notInCall();
      const { checks } = await this.#rows.judge(device, roomId, "room.send");
      const people = { from: sender.userId, to: device.userId };
      return { body: { type: "file_handed", callId, ...people, name: cleanName, bytes }, checks };
    });
  }
}
