/** Formats how long a call has lasted, such as "12:41" or "1:02:03". */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  const last = two(seconds % 60);
  return hours === 0 ? `${minutes}:${last}` : `${hours}:${two(minutes % 60)}:${last}`;
}
