import type { TRPCClient } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";

/** The typed procedures: `trpc.rooms.list.query()`. */
export type Trpc = TRPCClient<AppRouter>;
