import { BUILT_FOLDER } from "../build/built_folder.ts";
import { CONFIG_VARIABLES, ConfigError, readConfig } from "../config.ts";
import type { Config } from "../config.ts";
import { IN_MEMORY } from "../kv/open_database.ts";
import { announce } from "../log.ts";

/** Variables that packages read: tRPC the first, `ws` the others. */
const PACKAGE_VARIABLES = ["NODE_ENV", "WS_NO_BUFFER_UTIL", "WS_NO_UTF_8_VALIDATE"];

/** Returns the flags for what the server needs and nothing else: no other host or file, and no child processes. */
export function permissionFlags(config: Config): string[] {
  const data = config.dataDir === IN_MEMORY || config.kvUrl !== null ? [] : [config.dataDir];
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  return [
    `--allow-net=${
      [`${host}:${config.port}`, ...config.kvUrl === null ? [] : [hostOf(config.kvUrl)]].join(",")
    }`,
    environmentFlag(),
    `--allow-read=${[BUILT_FOLDER, ...data].join(",")}`,
    ...data.map((folder) => `--allow-write=${folder}`),
  ];
}

function environmentFlag(): string {
  return `--allow-env=${[...CONFIG_VARIABLES, ...PACKAGE_VARIABLES].join(",")}`;
}

/** Host and port in the form of the permission flags. */
function hostOf(address: string): string {
  const { hostname, port, protocol } = new URL(address);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
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
