/** The place of a module in the project. */
export interface Place {
  /** Path from the project's root, with slashes. */
  readonly path: string;
  readonly name: string;
  readonly side: "shared" | "server" | "client" | "tests" | null;
  /** The folder below the side; null for files directly in it, and for client/app, which may import all features. */
  readonly feature: string | null;
}

const ROOT = `${import.meta.dirname}`.replace(/\/tests\/lint$/, "/");
const SIDES = ["shared", "server", "client", "tests"] as const;

/** Returns the place of a file, given an absolute path or one from the root. */
export function placeOf(file: string): Place {
  const path = file.startsWith(ROOT) ? file.slice(ROOT.length) : file;
  const [first, ...rest] = path.split("/");
  const side = SIDES.find((at) => at === first) ?? null;
  const folder = rest.length > 1 ? rest[0] ?? null : null;
  const isRoot = side === "client" && folder === "app";
  return { path, name: path.slice(path.lastIndexOf("/") + 1), side, feature: isRoot ? null : folder };
}

/** Resolves a relative specifier; null for a package. */
export function targetOf(from: Place, specifier: string): Place | null {
  if (!/^\.{0,2}\//.test(specifier)) return null;
  return placeOf(new URL(specifier, `file:///${from.path}`).pathname.slice(1));
}
