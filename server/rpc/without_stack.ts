/**
 * Makes an error without a stack. Errors that callers may see get their meaning from their code, and creating a stack
 * takes longer than most refused calls.
 */
export function withoutStack<T extends Error>(make: () => T): T {
  const limits = Error as { stackTraceLimit?: number };
  const before = limits.stackTraceLimit;
  limits.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    if (before !== undefined) limits.stackTraceLimit = before;
  }
}
