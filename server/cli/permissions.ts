import { BUILT_FOLDER } from "../build/built_folder.ts";
import { CONFIG_VARIABLES, readConfig, statusCopyFolder } from "../config.ts";
import { ConfigError } from "../config_error.ts";
import type { Config } from "../config.ts";
import { IN_MEMORY } from "../kv/open_database.ts";
import { announce } from "../log.ts";

/** Variables that packages read: tRPC the first, `ws` the others. */
const PACKAGE_VARIABLES = ["NODE_ENV", "WS_NO_BUFFER_UTIL", "WS_NO_UTF_8_VALIDATE"];

/** Returns the flags for what the server needs and nothing else: no other host or file, and no child processes. */
export function permissionFlags(config: Config): string[] {
  const data = config.dataDir === IN_MEMORY || config.kvUrl !== null ? [] : [config.dataDir];
  const written = data.length > 0 ? data : [statusCopyFolder(config) ?? []].flat();
  // The status page measures the server by the addresses that people and other instances use.
  const dialed = [
    config.kvUrl ?? [],
    config.publicUrl ?? [],
    config.peerUrls,
    config.liveKit?.url ?? [],
  ].flat();
  const hosts = [
    ...ownHosts(config),
    ...dialed.map(hostAndPort),
    ...turnHosts(config),
    ...config.pushHosts.map((host) => `${host}:443`),
  ];
  return [
    `--allow-net=${[...new Set(hosts)].join(",")}`,
    environmentFlag(),
    `--allow-read=${[BUILT_FOLDER, ...written].join(",")}`,
    ...written.map((folder) => `--allow-write=${folder}`),
    // How much the disk can still take.
    ...data.map(() => "--allow-sys=statfs"),
  ];
}

/** Where it listens, and where it reaches itself if that stands for all addresses. */
function ownHosts({ host, port }: Config): string[] {
  const listens = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return host === "0.0.0.0" || host === "::" ? [listens, `127.0.0.1:${port}`] : [listens];
}

/** Relays, which are measured too. Port 0 allows what UDP needs: a port that the system chooses. */
function turnHosts({ turn }: Config): string[] {
  if (turn === null) return [];
  const hasUdp = turn.servers.some(({ transport }) => transport === "udp");
  return [
    ...turn.servers.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`),
    ...(hasUdp ? ["0.0.0.0:0", "[::]:0"] : []),
  ];
}

function environmentFlag(): string {
  return `--allow-env=${[...CONFIG_VARIABLES, ...PACKAGE_VARIABLES].join(",")}`;
}

/** Returns host and port of an address in the form of the permission flags. */
export function hostAndPort(address: string): string {
  const { hostname, port, protocol } = new URL(address);
  return `${hostname}:${port || (/^(?:https|wss):$/.test(protocol) ? 443 : 80)}`;
}

/**
 * Returns the flags for this environment. If it is invalid, the server will say so, and needs few permissions for
 * that.
 */
function flagsOfThisStart(): string[] {
  try {
    return permissionFlags(readConfig());
  } catch (error) {
    if (error instanceof ConfigError) return [environmentFlag(), `--allow-read=${BUILT_FOLDER}`];
    throw error;
  }
}

if (import.meta.main) announce(flagsOfThisStart().join(" "));
