/** Reads from an address the texts that it has of these names; whatever else stands in it is left out. */
export const texts =
  <Name extends string>(...names: Name[]) =>
  (search: Record<string, unknown>): Partial<Record<Name, string>> => {
    const found = names.flatMap((name) => {
      const value = search[name];
      return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
    });
    return Object.fromEntries(found);
  };
