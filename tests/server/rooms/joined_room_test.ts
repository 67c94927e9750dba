import { describe, expect, it } from "vitest";
import type { RoomsChange } from "../../../shared/event.ts";
import { testApp } from "../../support/test_app.ts";
import type { Client, Transport } from "../../support/test_clients.ts";
import { waitFor } from "../../support/wait.ts";

const TRANSPORTS: readonly Transport[] = ["ws", "sse"];

/** Collects what a client hears of its rooms, their typing and its people. */
function watch(client: Client): { readonly changes: RoomsChange[]; readonly stop: () => void } {
  const changes: RoomsChange[] = [];
  const subscription = client.rooms.onChange.subscribe({ also: ["typing", "presence"] }, {
    onData: (change) => void changes.push(change),
  });
  return { changes, stop: () => subscription.unsubscribe() };
}

describe("rooms.onChange while somebody joins a room", () => {
  for (const transport of TRANSPORTS) {
    it(`WATCH11 continues with who already types there over ${transport}`, async () => {
      await using app = await testApp();
      const { owner: ana } = app;
      const [ben, cleo] = [await app.person("Ben"), await app.person("Cleo")];
      const { id: roomId } = await ana.api.rooms.create.mutate({ name: "Dock", kind: "private" });
      const readers = [ben, cleo].map((person) => watch(app.clientFor(person, transport)));
      const [joining, other] = readers.map(({ changes }) => () =>
        changes.filter((change) =>
          change.type === "typing" && change.isTyping ||
          change.type === "room_changed" && change.room.id === roomId
        )
      );
      await waitFor(() => readers.every(({ changes }) => changes.length > 0));
      await ana.api.typing.set.mutate({ roomId, isTyping: true });
      await ana.api.rooms.addMember.mutate({ roomId, userId: ben.id });
      await waitFor(() => joining?.().some(({ type }) => type === "typing") ?? false);
      expect(joining?.()[0]).toMatchObject({ type: "room_changed", room: { id: roomId } });
      expect(joining?.()[1]).toEqual({ type: "typing", roomId, userId: ana.id, isTyping: true });
      expect(other?.()).toEqual([]);
      for (const { stop } of readers) stop();
    });

    it(`WATCH12 shows guests the people of a room that they come to over ${transport}`, async () => {
      await using app = await testApp();
      const { owner: ana } = app;
      const { id: lobby } = await ana.api.rooms.create.mutate({ name: "Lobby", kind: "private" });
      const { id: dock } = await ana.api.rooms.create.mutate({ name: "Dock", kind: "private" });
      const ben = await app.person("Ben");
      const gus = await app.person("Gus", { role: "guest", roomId: lobby });
      await ana.api.rooms.addMember.mutate({ roomId: dock, userId: ben.id });
      await ben.api.presence.set.mutate({ status: "away" });
      const { changes, stop } = watch(app.clientFor(gus, transport));
      await waitFor(() => changes.some(({ type }) => type === "presence"));
      expect(JSON.stringify(changes)).not.toContain(ben.id);
      await ana.api.rooms.addMember.mutate({ roomId: dock, userId: gus.id });
      const hasSeen = () =>
        changes.some((change) =>
          change.type === "presence" && JSON.stringify(change.update).includes(ben.id)
        );
      await waitFor(hasSeen);
      stop();
    });
  }
});
