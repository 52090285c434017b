import { CONTROL_PLANE_MUTANTS } from "./control-plane-mutants.ts";
import { ENGINE_MUTANTS } from "./engine-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { PULL_MUTANTS } from "./pull-mutants.ts";
import { RESTRAINT_MUTANTS } from "./restraint-mutants.ts";
import { SHARD_MUTANTS } from "./shard-mutants.ts";

/** Each mechanism, taken out: some runs fail without it. */
export const MUTANTS: Mutant[] = [
  ...ENGINE_MUTANTS,
  ...RESTRAINT_MUTANTS,
  ...SHARD_MUTANTS,
  ...PULL_MUTANTS,
  ...CONTROL_PLANE_MUTANTS,
];
