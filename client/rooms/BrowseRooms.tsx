import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { RoomId } from "../../shared/ids.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { TextField } from "../ui/TextField.tsx";
import { BrowseModel } from "./browse_model.ts";
import type { Trpc } from "../net/trpc.ts";

/** Props of `BrowseRooms`. */
export interface BrowseRoomsProps {
  readonly api: Pick<Trpc["rooms"], "browse">;
  readonly isMember: (roomId: RoomId) => boolean;
  readonly onOpen: (roomId: RoomId) => void;
  readonly onCreate: () => void;
  readonly onClose: () => void;
}

/** All public rooms; opening one shows it, and the user can join there. */
export function BrowseRooms({ api, isMember, onOpen, onCreate, onClose }: BrowseRoomsProps): JSX.Element {
  const model = useMemo(() => new BrowseModel(api), [api]);
  useEffect(() => {
    void model.load();
    return () => model[Symbol.dispose]();
  }, [model]);
  const rooms = model.rooms.value;
  return (
    <Dialog title="Browse rooms" onClose={onClose}>
      <div class="dialog-body">
        <TextField
          label="Search rooms"
          type="search"
          autofocus
          autocapitalize="off"
          enterkeyhint="search"
          value={model.query.value}
          onText={(text) => model.search(text)}
        />
        {model.failure.value === null
          ? null
          : <p class="form-failure" role="alert">{model.failure.value.text}</p>}
        <ul class="picks" aria-label="Rooms" aria-busy={rooms === null ? "true" : undefined}>
          {(rooms ?? []).map((room) => (
            <li key={room.id}>
              <button type="button" class="pick" onClick={() => onOpen(room.id)}>
                <Icon name={room.archivedAt === null ? "hash" : "archive"} />
                <span class="lines">
                  <span dir="auto">{room.name}</span>
                  <small dir="auto">
                    {room.memberCount === 1 ? "1 member" : `${room.memberCount} members`}
                    {room.topic === "" ? "" : ` · ${room.topic}`}
                  </small>
                </span>
                <span class="pick-end">{isMember(room.id) ? "Joined" : "Preview"}</span>
              </button>
            </li>
          ))}
        </ul>
        {rooms !== null && rooms.length === 0
          ? <p class="picks-empty" role="status">No room with that name. You can create one.</p>
          : null}
        <div class="dialog-foot">
          {model.hasMore.value
            ? <Button class="is-start" kind="quiet" onClick={() => void model.loadMore()}>Show more</Button>
            : null}
          <Button icon="plus" onClick={onCreate}>Create a room</Button>
        </div>
      </div>
    </Dialog>
  );
}
