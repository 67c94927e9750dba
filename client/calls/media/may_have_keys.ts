/** Whether there may be a keyboard: where nothing points finely, as on phones, there is hardly one. */
export function mayHaveKeys(): boolean {
  return matchMedia("(any-pointer: fine)").matches;
}
