import { describe, expect, it } from "vitest";
import type { TypingUpdate } from "../../shared/signals.ts";
import type { RoomId } from "../../shared/ids.ts";
import { hasDenokv } from "../support/denokv.ts";
import type { Transport } from "../support/test_clients.ts";
import { twoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();
const TRANSPORTS: readonly Transport[] = ["ws", "sse"];

describe.skipIf(!isPossible)("typing between two instances", () => {
  for (const transport of TRANSPORTS) {
    it(`TYP11 is shown to those who come later on the other instance, over ${transport}`, async () => {
      await using pair = await twoInstances();
      const { owner: ana } = pair.app;
      const [ben, cleo] = [await pair.app.person("Ben"), await pair.app.person("Cleo")];
      const roomId = (await ana.api.rooms.list.query())[0]?.id as RoomId;
      const [early, late]: TypingUpdate[][] = [[], []];
      const first = pair.client("b", cleo, transport).typing.onTyping.subscribe({ roomId }, {
        onData: (update) => void early?.push(update),
      });
      await waitFor(() => {
        pair.app.services.typing.set({ userId: ana.id, connection: null, key: "phone" }, roomId, true);
        return (early?.length ?? 0) > 0;
      });
      const second = pair.client("b", ben, transport).typing.onTyping.subscribe({ roomId }, {
        onData: (update) => void late?.push(update),
      });
      const along: unknown[] = [];
      const third = pair.client("b", ben, transport).rooms.onChange.subscribe({ also: ["typing"] }, {
        onData: (change) => void along.push(change),
      });
      await waitFor(() => late?.length === 1 && along.length === 2);
      expect(late).toEqual([{ userId: ana.id, isTyping: true }]);
      expect(along[1]).toEqual({ type: "typing", roomId, userId: ana.id, isTyping: true });
      await ana.api.messages.send.mutate({ roomId, clientMessageId: "one", text: "Hello" });
      await waitFor(() => late?.at(-1)?.isTyping === false);
      for (const subscription of [first, second, third]) subscription.unsubscribe();
    });
  }
});
