import type { Patch } from "./patched-source.ts";

/** A mechanism of the engine, and the change that takes it out. */
export type Mutant = { name: string; without: string; patches: Patch[]; revokeWithoutWaiting?: true };

export const patch = (file: string, find: string, replace: string): Patch => ({ file: `src/${file}`, find, replace });
