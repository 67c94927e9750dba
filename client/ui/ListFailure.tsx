import type { JSX } from "preact";
import { Button } from "./Button.tsx";
import type { ListModel } from "./list_model.ts";

/** Shown instead of a list that could not be loaded. */
export function ListFailure<T>({ list }: { list: ListModel<T> }): JSX.Element | null {
  const failure = list.failure.value;
  if (failure === null) return null;
  return (
    <p class="form-failure" role="alert">
      {failure.text} <Button kind="quiet" icon="refresh" onClick={() => void list.load()}>Try again</Button>
    </p>
  );
}
