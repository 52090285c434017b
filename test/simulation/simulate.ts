import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { patchSources } from "./patched-source.ts";
import { SMALL_BOUNDS } from "./small-bounds.ts";
import type { Story } from "./world.ts";

/** What a range of seeds came to. */
type Tally = {
  seeds: number;
  bad: number;
  kinds: Record<string, number>;
  /** The first bad seeds, and what was found. */
  found: { seed: number; text: string }[];
  totals: Record<string, number>;
};

const REPLAY = "node test/simulation/simulate.ts";
const FOUND_SHOWN_MAX = 5;

type Job = { mutant: Mutant | null; from: number; to: number };

const HELP = `node test/simulation/simulate.ts [--seeds N] [--from N] [--workers N] [--mutants [--only NAME]]
  runs N seeds over the real log, consumer and management API, or each mutant of mutants.ts over N seeds.
  The same seed runs the same story: a bad one is printed with the command that replays it.`;

async function runJob(job: Job): Promise<Tally> {
  patchSources([...SMALL_BOUNDS, ...(job.mutant?.patches ?? [])]);
  const { runSeed } = await import("./world.ts");
  // What the relay logs is of no interest here.
  console.log = () => {};
  const tally: Tally = { seeds: 0, bad: 0, kinds: {}, found: [], totals: {} };
  let seed = job.from;
  process.on("uncaughtExceptionMonitor", () => console.error(replayOf(seed, job.mutant)));
  for (; seed < job.to; seed++) {
    add(tally, seed, await runSeed(seed, job.mutant?.flaw ? { [job.mutant.flaw]: true } : {}));
  }
  return tally;
}

function add(tally: Tally, seed: number, { violations, ...numbers }: Story): void {
  tally.seeds++;
  for (const [name, value] of Object.entries(numbers)) tally.totals[name] = (tally.totals[name] ?? 0) + value;
  const [violation] = violations;
  if (!violation) return;
  tally.bad++;
  tally.kinds[violation.kind] = (tally.kinds[violation.kind] ?? 0) + 1;
  if (tally.found.length >= FOUND_SHOWN_MAX) return;
  tally.found.push({ seed, text: `${violation.kind}: ${violation.text}` });
}

function merge(tallies: Tally[]): Tally {
  const sum = (pick: (tally: Tally) => Record<string, number>): Record<string, number> => {
    const all: Record<string, number> = {};
    for (const tally of tallies) for (const [k, v] of Object.entries(pick(tally))) all[k] = (all[k] ?? 0) + v;
    return all;
  };
  return {
    seeds: tallies.reduce((n, tally) => n + tally.seeds, 0),
    bad: tallies.reduce((n, tally) => n + tally.bad, 0),
    kinds: sum((tally) => tally.kinds),
    found: tallies.flatMap((tally) => tally.found).slice(0, FOUND_SHOWN_MAX),
    totals: sum((tally) => tally.totals),
  };
}

function runInWorker(job: Job): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.filename, { workerData: job });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function runSeeds(mutant: Mutant | null, from: number, seeds: number, workers: number): Promise<Tally> {
  const share = Math.ceil(seeds / workers);
  const jobs = Array.from({ length: workers }, (_, i) => ({
    mutant,
    from: from + i * share,
    to: Math.min(from + seeds, from + (i + 1) * share),
  }));
  return merge(await Promise.all(jobs.map(runInWorker)));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "300" },
      from: { type: "string", default: "1" },
      workers: { type: "string", default: "2" },
      mutants: { type: "boolean", default: false },
      only: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [seeds, from, workers] = [Number(values.seeds), Number(values.from), Number(values.workers)];
  if (values.mutants) return runMutants(seeds, from, workers, values.only);
  const tally = await runSeeds(null, from, seeds, workers);
  console.log(`${tally.seeds} seeds, ${tally.bad} with a violation`, tally.kinds);
  tellHowToReplay(tally, null);
  console.log(tally.totals);
  process.exitCode = tally.bad === 0 ? 0 : 1;
}

/** Prints, for each mechanism, the share of seeds that fail without it; fails where one is not missed. */
async function runMutants(seeds: number, from: number, workers: number, only: string | undefined): Promise<void> {
  for (const mutant of MUTANTS) {
    if (only && mutant.name !== only) continue;
    const tally = await runSeeds(mutant, from, seeds, workers);
    const share = `${((100 * tally.bad) / tally.seeds).toFixed(1)} %`.padStart(8);
    console.log(`${mutant.name.padEnd(24)}${share}  without: ${mutant.without}  ${JSON.stringify(tally.kinds)}`);
    if (only) tellHowToReplay(tally, mutant);
    if (tally.bad === 0) process.exitCode = 1;
  }
}

function tellHowToReplay({ found }: Tally, mutant: Mutant | null): void {
  for (const { seed, text } of found) console.log(`seed ${seed}: ${text}\n${replayOf(seed, mutant)}`);
}

const replayOf = (seed: number, mutant: Mutant | null): string =>
  `replay: ${REPLAY} --from ${seed} --seeds 1${mutant ? ` --mutants --only ${mutant.name}` : ""}`;

if (isMainThread) await main();
else parentPort?.postMessage(await runJob(workerData as Job));
