import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { ROOM_NAME_MAX_CHARACTERS, TOPIC_MAX_CHARACTERS } from "../../shared/limits.ts";
import type { Room } from "../../shared/room.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import type { RoomsModel } from "./rooms_model.ts";

/** Props of `CreateRoom`. */
export interface CreateRoomProps {
  readonly model: RoomsModel;
  readonly onCreated: (room: Room) => void;
  readonly onClose: () => void;
}

/** Creates a public or a private room. */
export function CreateRoom({ model, onCreated, onClose }: CreateRoomProps): JSX.Element {
  const submit = useMemo(() =>
    new SubmitModel({
      texts: { name_taken: "A room with that name exists. Choose another name." },
      fields: { name_taken: "name" },
    }), []);
  const [name, setName] = useState("");
  const [topic, setTopic] = useState("");
  const [kind, setKind] = useState<"public" | "private">("public");

  const send = (event: Event) => {
    event.preventDefault();
    const input = { name: name.trim(), kind, ...(topic.trim() === "" ? {} : { topic: topic.trim() }) };
    if (input.name === "") return submit.refuse("name", "Give the room a name");
    void submit.run(async () => onCreated(await model.create(input)));
  };
  return (
    <Dialog title="Create a room" onClose={onClose}>
      <form class="dialog-body" onSubmit={send} noValidate>
        <TextField
          label="Name"
          autofocus
          maxLength={ROOM_NAME_MAX_CHARACTERS}
          value={name}
          onText={setName}
          error={submit.issue("name")}
        />
        <TextField
          label="Topic (optional)"
          maxLength={TOPIC_MAX_CHARACTERS}
          value={topic}
          onText={setTopic}
          error={submit.issue("topic")}
        />
        <fieldset class="choices">
          <legend class="legend">Who can see it</legend>
          <label class="choice">
            <input type="radio" name="kind" checked={kind === "public"} onChange={() => setKind("public")} />
            <span>
              Everyone<small>All members can read and join.</small>
            </span>
          </label>
          <label class="choice">
            <input
              type="radio"
              name="kind"
              checked={kind === "private"}
              onChange={() => setKind("private")}
            />
            <span>
              Only added people<small>Hidden from everyone else.</small>
            </span>
          </label>
        </fieldset>
        <FormFailure model={submit} fields={["name", "topic"]} />
        <div class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={submit.isBusy.value}>Create room</Button>
        </div>
      </form>
    </Dialog>
  );
}
