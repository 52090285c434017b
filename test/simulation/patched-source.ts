import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** A change of one source file: every run of `find` becomes `replace`. */
export type Patch = { file: string; find: string; replace: string };

/** A file's source with its changes; each is made to what the one before it left. Throws where one finds nothing to change. */
export function patched(path: string, source: string, patches: readonly Patch[]): string {
  let text = source;
  for (const { file, find, replace } of patches) {
    if (!path.endsWith(file)) continue;
    if (!text.includes(find)) throw new Error(`the patch of ${file} finds no "${find}"`);
    text = text.replaceAll(find, replace);
  }
  return text;
}

/**
 * Loads the project's sources with these changes, so that a mechanism can be taken out without a flag in the code that
 * users run. Call it before the first import of a changed file.
 */
export function patchSources(patches: readonly Patch[]): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith("file:")) return loaded;
      const path = fileURLToPath(url);
      const isChanged = patches.some(({ file }) => path.endsWith(file));
      return isChanged ? { ...loaded, source: patched(path, String(loaded.source), patches) } : loaded;
    },
  });
}
