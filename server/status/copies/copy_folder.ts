import { dirname } from "node:path";
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { Badge } from "../Badge.tsx";
import { aged } from "./copied_answers.ts";
import { CopyPage } from "./CopyPage.tsx";
import type { CopyPageProps } from "./CopyPage.tsx";

/** What was known last, for the next start of whoever writes the copy; the rest of the copy does not need it. */
export const LAST_FILE = "last.json";
/** Other programs serve the files, as other users of the machine. */
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

/** Makes all files of a copy, by their paths: the page, the tree of JSON, and the badge. */
export function copyFiles(props: CopyPageProps): Map<string, string> {
  const { answers, unknownBecause } = props;
  const told = unknownBecause === null ? answers : aged(answers);
  const { summary: { page, status, components, incidents: unresolved }, incidents, maintenances } = told;
  const all = maintenances.scheduled_maintenances;
  const only = (wanted: readonly string[]) => ({
    page,
    scheduled_maintenances: all.filter((one) => wanted.includes(one.status)),
  });
  const json: Record<string, object> = {
    "summary.json": told.summary,
    "status.json": { page, status },
    "components.json": { page, components },
    "incidents.json": incidents,
    "incidents/unresolved.json": { page, incidents: unresolved },
    "scheduled-maintenances.json": maintenances,
    "scheduled-maintenances/upcoming.json": only(["scheduled"]),
    "scheduled-maintenances/active.json": only(["in_progress", "verifying"]),
  };
  return new Map([
    ...Object.entries(json).map(([path, value]) => [`api/v2/${path}`, JSON.stringify(value)] as const),
    // The page's script asks for it, for the time and to see whether there may be a newer copy.
    ["healthz", "a copy\n"],
    ["badge.svg", renderToString(h(Badge, { name: "status", state: status.x_status }))],
    // Last: whoever reads the page finds what it is about.
    ["index.html", `<!doctype html>${renderToString(h(CopyPage, props))}`],
  ]);
}

/** A folder that a web server serves. Each file is whole at every moment, and written only when it changes. */
export class CopyFolder {
  readonly #path: string;
  readonly #written = new Map<string, string>();

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes the files that are not there as they should be. */
  async write(files: ReadonlyMap<string, string>): Promise<void> {
    for (const [name, text] of files) {
      if (this.#written.get(name) === text) continue;
      const path = `${this.#path}/${name}`;
      await this.#makeFolder(dirname(path));
      const temporary = `${path}.new`;
      await Deno.writeTextFile(temporary, text);
      await Deno.chmod(temporary, FILE_MODE);
      await Deno.rename(temporary, path);
      this.#written.set(name, text);
    }
  }

  /** Our own umask would hide what we create; a folder that is there already stays as it is. */
  async #makeFolder(path: string): Promise<void> {
    if (path.length > this.#path.length) await this.#makeFolder(dirname(path));
    if (await Deno.stat(path).then((info) => info.isDirectory, () => false)) return;
    await Deno.mkdir(path, { recursive: true });
    await Deno.chmod(path, FOLDER_MODE);
  }

  /** Reads a file; null if there is none. */
  async read(name: string): Promise<string | null> {
    try {
      return await Deno.readTextFile(`${this.#path}/${name}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }
}
