/** What the service worker knows of the build that it was served with; the server writes it before its code. */
export interface WorkerBuild {
  /** Changes with any file, and with the headers of pages. */
  readonly version: string;
  /** URL path of the page that is shown when the server does not answer. */
  readonly page: string;
  /** URL paths of all files that the page may load, itself included. Each name changes with its contents. */
  readonly files: readonly string[];
}

/** The global variable of the worker that holds its build. */
export const WORKER_BUILD = "parleyBuild";
/** URL path of the worker. At the root, it may answer for every page. */
export const WORKER_PATH = "/sw.js";
