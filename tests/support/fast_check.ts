// What tests import as "fast-check": not in the import map, because every start fetches what stands there.
export * from "npm:fast-check@4.10.2";
export { default } from "npm:fast-check@4.10.2";
