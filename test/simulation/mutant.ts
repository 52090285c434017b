import type { Patch } from "./patched-source.ts";
import type { WorldFlaws } from "./world.ts";

/** A mechanism of the engine, and the change that takes it out. */
export type Mutant = { name: string; without: string; patches: Patch[]; flaw?: keyof WorldFlaws };

export const patch = (file: string, find: string, replace: string): Patch => ({ file: `src/${file}`, find, replace });
