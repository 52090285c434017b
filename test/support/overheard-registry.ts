/** A database whose calls are heard before they are made: what `hear` throws, the call throws. `sql` is what is prepared. */
export function overheard(db: D1Database, hear: (method: string, sql: string | undefined) => void): D1Database {
  return new Proxy(db, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        hear(String(name), typeof args[0] === "string" ? args[0] : undefined);
        return value.apply(target, args);
      };
    },
  });
}
