import { useQueryClient } from "@tanstack/react-query";

/** Asks again for what pages show of these paths and all below them, after a change. */
export function useRefresh(): (...prefixes: string[]) => Promise<void> {
  const queries = useQueryClient();
  return (...prefixes) =>
    queries.invalidateQueries({
      predicate: ({ queryKey: [, path] }) => prefixes.some((prefix) => String(path).startsWith(prefix)),
    });
}
