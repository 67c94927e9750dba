import { authRouter } from "./auth/auth_router.ts";
import { invitesRouter } from "./auth/invites_router.ts";
import { tokensRouter } from "./auth/tokens_router.ts";
import { callsRouter } from "./calls/calls_router.ts";
import { messagesRouter } from "./messages/messages_router.ts";
import { presenceRouter } from "./presence/presence_router.ts";
import { pushRouter } from "./push/push_router.ts";
import { roomsRouter } from "./rooms/rooms_router.ts";
import { router } from "./rpc/trpc.ts";
import { settingsRouter } from "./settings/settings_router.ts";
import { statusRouter } from "./status/status_router.ts";
import { typingRouter } from "./typing/typing_router.ts";
import { usersRouter } from "./users/users_router.ts";
import { workspaceRouter } from "./workspace/workspace_router.ts";

/** All procedures, under the names of the API contract. */
export const appRouter = router({
  auth: authRouter,
  calls: callsRouter,
  invites: invitesRouter,
  messages: messagesRouter,
  presence: presenceRouter,
  push: pushRouter,
  rooms: roomsRouter,
  settings: settingsRouter,
  status: statusRouter,
  tokens: tokensRouter,
  typing: typingRouter,
  users: usersRouter,
  workspace: workspaceRouter,
});

/** The type that clients and bots import. */
export type AppRouter = typeof appRouter;
