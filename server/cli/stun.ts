import { readStunConfig } from "../config.ts";
import { ConfigError } from "../config_error.ts";
import { announce, complain } from "../log.ts";
import { StunServer } from "../net/stun_server.ts";

try {
  const { addresses } = await StunServer.open(readStunConfig());
  announce(`Answering STUN at ${addresses.join(" and ")} (UDP)`);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const isForOperator = error instanceof ConfigError;
  complain(
    isForOperator ? error.message : `STUN cannot listen: ${error.message}. Set STUN_PORT or STUN_HOST`,
  );
  Deno.exit(1);
}
