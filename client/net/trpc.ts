import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../../server/router.ts";
import type { Handlers } from "./caller.ts";

type Routes = AppRouter["_def"]["record"];

/** Inputs of procedures: `Inputs["messages"]["list"]`. */
export type Inputs = inferRouterInputs<AppRouter>;
/** Outputs of procedures, which are JSON: `Outputs["messages"]["list"]`. */
export type Outputs = {
  readonly [Noun in keyof Routes]: {
    readonly [Name in keyof Routes[Noun]]: Routes[Noun][Name] extends
      { readonly _def: { readonly $types: { readonly output: infer Output } } } ? Output : never;
  };
};
/** The procedures as created by `shapeCaller`, `trpc.rooms.list.query()`; a model takes the ones it needs. */
export type Trpc = {
  readonly [Noun in keyof Routes]: {
    readonly [Name in keyof Routes[Noun]]: Shape<
      Routes[Noun][Name],
      Inputs[Noun][Name & keyof Inputs[Noun]],
      Outputs[Noun][Name],
      inferRouterOutputs<AppRouter>[Noun][Name & keyof Inputs[Noun]]
    >;
  };
};

/** Methods, so that tests can replace one with narrower input, such as an id type. */
type Shape<Procedure, Input, Output, Stream> = Procedure extends { readonly _def: { readonly type: "query" } }
  ? { query(input: Input, options?: { readonly signal?: AbortSignal }): Promise<Output> }
  : Procedure extends { readonly _def: { readonly type: "mutation" } }
    ? { mutate(input: Input): Promise<Output> }
  : {
    subscribe(
      input: Input,
      handlers: Handlers<Stream extends AsyncIterable<infer Item> ? Item : never>,
    ): { unsubscribe(): void };
  };
