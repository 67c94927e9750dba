/** Resolves when a method of an object is called for the next time, just before it runs. */
export function nextCall<T extends object>(target: T, name: keyof T & string): Promise<void> {
  const method = target[name] as (...args: unknown[]) => unknown;
  return new Promise((resolve) => {
    Object.defineProperty(target, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        // Restores the method of its class.
        Reflect.deleteProperty(target, name);
        resolve();
        return Reflect.apply(method, target, args);
      },
    });
  });
}
