/** The whole server in this process; events go straight to the hub, as after their commit. */
import { parseConfig } from "../../../server/config.ts";
import { startServer } from "../../../server/server.ts";
import { statusTopic } from "../../../server/status/status_stream.ts";
import { formatPosition } from "../../../shared/position.ts";
import { serveCommands } from "../process.ts";

const config = { ...parseConfig({ PORT: "0" }), dataDir: ":memory:" };
const { port, services } = await startServer(config, { announce: () => {}, hasStatusTimers: false });
const { hub, status, roomLog: { epoch } } = services;
const [component] = status.board.components();
const at = new Date().toISOString();
let offset = 0;

await serveCommands({ port, data: JSON.stringify(component), id: `${epoch}.1000` }, ({ burst }) => {
  for (let index = 0; index < Number(burst); index++) {
    offset++;
    hub.publish(statusTopic(), {
      value: { type: "component", component, offset, at },
      offset,
      position: formatPosition({ epoch, offset }),
    });
  }
});
