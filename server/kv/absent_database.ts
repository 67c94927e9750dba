import type { Database } from "./database.ts";
import type { OpenedDatabase } from "./open_database.ts";
import { storageAbsent } from "./storage_error.ts";

/** Storage that has not answered since the start: every call fails at once, and may be tried again later. */
class AbsentDatabase implements Database {
  get(): Promise<never> {
    return Promise.reject(storageAbsent());
  }

  getMany(): Promise<never> {
    return Promise.reject(storageAbsent());
  }

  list(): Promise<never> {
    return Promise.reject(storageAbsent());
  }

  commit(): Promise<never> {
    return Promise.reject(storageAbsent());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Stands for a database until it can be opened. No position that clients hold is of its epoch. */
export function absentDatabase(): OpenedDatabase {
  const db = new AbsentDatabase();
  return { db, epoch: "", remote: null, openToOthers: [], close: () => db.close() };
}
