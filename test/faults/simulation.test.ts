import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { MUTANTS } from "../simulation/mutants.ts";

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 2_000);
const MUTANT_SEEDS = Number(process.env.SIMULATION_MUTANT_SEEDS ?? 100);
const HOUR_MS = 3_600_000;

const simulate = (...args: string[]) =>
  spawnSync(process.execPath, ["test/simulation/simulate.ts", ...args], { encoding: "utf8" });

it(`finds no violation in ${SEEDS} seeds`, { timeout: HOUR_MS }, () => {
  const run = simulate("--seeds", String(SEEDS));
  expect(run.stdout).toContain(`${SEEDS} seeds, 0 with a violation`);
});

it(`misses each mechanism that is taken out, but for those that take thousands of seeds`, { timeout: HOUR_MS }, () => {
  const run = simulate("--mutants", "--seeds", String(MUTANT_SEEDS));
  expect(run.stderr).toBe("");
  for (const { name } of MUTANTS) expect(run.stdout).toContain(`${name} `);
  const unnoticed = run.stdout.split("\n").filter((line) => / 0\.0 % /.test(line));
  const rare = [
    ...["lease-ids-in-memory", "absolute-clock", "rolled-back-alarm-believed"],
    ...["push-version-unchecked", "consent-version-unchecked", "others-dropped"],
    ...["topic-version-unchecked", "grant-before-subscription", "caught-up-for-ever", "caught-up-since"],
    ...["no-seal", "leases-not-told", "chain-not-asked", "replay-not-told", "replay-ungated"],
  ];
  expect(unnoticed.filter((line) => !rare.some((name) => line.startsWith(name)))).toEqual([]);
});
