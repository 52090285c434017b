import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MUTANTS } from "../../simulation/mutants.ts";
import { patched } from "../../simulation/patched-source.ts";
import { SMALL_BOUNDS } from "../../simulation/small-bounds.ts";

const simulate = (...args: string[]) =>
  spawnSync(process.execPath, ["test/simulation/simulate.ts", ...args], { encoding: "utf8" });

/** The short form; `npm run test:faults` runs thousands of seeds, and every mechanism taken out. */
describe("the simulation", () => {
  it("finds nothing lost, stuck, out of order or sent without consent", { timeout: 300_000 }, () => {
    const run = simulate("--seeds", "100");
    expect(run.stdout).toContain("100 seeds, 0 with a violation");
    expect(run.status).toBe(0);
  });

  it("runs the same story for the same seed", { timeout: 300_000 }, () => {
    const [first, second] = [1, 2].map(() => simulate("--from", "7", "--seeds", "4").stdout);
    expect(first).toMatch(/tasks: \d+/);
    expect(second).toBe(first);
  });

  it("says how to replay a seed that went wrong", { timeout: 300_000 }, () => {
    const { stdout } = simulate("--mutants", "--only", "no-lock", "--seeds", "10");
    expect(stdout).toMatch(/replay: node test\/simulation\/simulate\.ts --from \d+ --seeds 1 --mutants --only no-lock/);
  });

  it.each(["no-lock", "forget-passed", "untried-forgotten", "answered-before-told", "outbox-never-resent"])(
    "notices when a mechanism is gone: %s",
    {
      timeout: 300_000,
    },
    (mutant) => {
      const run = simulate("--mutants", "--only", mutant, "--seeds", "10");
      expect(run.stdout).toContain(mutant);
      expect(run.status).toBe(0);
    },
  );

  it.each([{ name: "small bounds", patches: SMALL_BOUNDS }, ...MUTANTS])(
    "finds in the source what it changes: $name",
    ({ patches }) => {
      for (const file of new Set(patches.map((patch) => patch.file))) {
        const source = readFileSync(file, "utf8");
        expect(patched(file, source, patches)).not.toBe(source);
      }
    },
  );
});
