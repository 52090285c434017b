import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What somebody waits for on a slow connection before the console shows anything: its scripts, compressed. */
const FIRST_LOAD_BYTES_MAX = 200_000;

type Chunk = { code: string; imports: string[]; isEntry: boolean };

/** Bytes of the entry and of everything that it needs at once; what loads when it is opened is not among them. */
export function measureFirstLoad(chunks: Map<string, Chunk>): number {
  const names = new Set([...chunks].filter(([, { isEntry }]) => isEntry).map(([name]) => name));
  // What is added while it goes on is visited too.
  for (const name of names) for (const needed of chunks.get(name)?.imports ?? []) names.add(needed);
  return [...names].reduce((sum, name) => sum + gzipSync(chunks.get(name)?.code ?? "").length, 0);
}

/** Measures the first load of each build, and fails the build where it has become too heavy. */
export function limitFirstLoad(): Plugin {
  return {
    name: "first-load",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).flatMap((file) =>
        file.type === "chunk" ? [[file.fileName, file] as const] : [],
      );
      const bytes = measureFirstLoad(new Map(chunks));
      const said = `first load: ${(bytes / 1000).toFixed(1)} of ${FIRST_LOAD_BYTES_MAX / 1000} KB of script, gzip`;
      if (bytes > FIRST_LOAD_BYTES_MAX) this.error(said);
      console.log(`console built, ${said}`);
    },
  };
}
