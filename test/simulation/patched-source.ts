import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** A change of one source file: every run of `find` becomes `replace`. */
export type Patch = { file: string; find: string; replace: string };

/**
 * Loads the project's sources with these changes, so that a mechanism can be taken out without a flag in the code that
 * users run. Call it before the first import of a changed file. Throws where a patch finds nothing to change.
 */
export function patchSources(patches: readonly Patch[]): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith("file:")) return loaded;
      const path = fileURLToPath(url);
      const own = patches.filter((patch) => path.endsWith(patch.file));
      if (own.length === 0) return loaded;
      let source = String(loaded.source);
      for (const { file, find, replace } of own) {
        if (!source.includes(find)) throw new Error(`the patch of ${file} finds no "${find}"`);
        source = source.replaceAll(find, replace);
      }
      return { ...loaded, source };
    },
  });
}
