import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, platform } from "node:os";
import { parseArgs } from "node:util";
import { type AsyncapiMeasured, measureAsyncapi, renderAsyncapi } from "./asyncapi/measure-asyncapi.ts";
import { type BenchCase, benchCases } from "./cases.ts";
import { liveFaultsOf, renderLive } from "./live/live-table.ts";
import { type LiveMeasured, measureLive } from "./live/measure-live.ts";
import { Receiver } from "./receiver.ts";
import { bareTarget, type CaseResult, runCase } from "./run-case.ts";
import { startRuntime } from "./runtime.ts";
import { faultsOf, renderTable } from "./table.ts";
import { measureTopicLog, type ScenarioMeasured } from "./topic-log/measure-topic-log.ts";
import { renderTopicLog } from "./topic-log/topic-log-table.ts";

/** The case that measures linting, validation and start-up. */
const ASYNCAPI = "asyncapi";
/** The case that measures a topic's log alone, with many events and with many subscriptions. */
const TOPIC_LOG = "topic-log";
/** The case that measures live listeners. */
const LIVE = "live";

const USAGE = `npm run bench -- [--quick] [--only NAME] [--json FILE]
  --quick      a short form of every case, for a look whether all of them work
  --only NAME  only the cases whose name contains NAME: ${benchCases(false)
    .map(({ name }) => name)
    .join(" ")} ${ASYNCAPI} ${TOPIC_LOG} ${LIVE}
  --entry      through Miniflare's own address, as most local measurements of Workers are made: its entry Worker costs (a) and
               (b) the same for each request that comes in, and nothing for one that goes out
  --json FILE  writes the results to FILE, too`;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    entry: { type: "boolean", default: false },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

type RelayMeasured = { results: CaseResult[]; asyncapi: AsyncapiMeasured | null };
const NOTHING_MEASURED: RelayMeasured = { results: [], asyncapi: null };

if (options.help) console.log(USAGE);
else process.exitCode = await bench();

async function bench(): Promise<number> {
  const cases = benchCases(options.quick).filter(({ name }) => name.includes(options.only));
  const withAsyncapi = ASYNCAPI.includes(options.only);
  const withTopicLog = TOPIC_LOG.includes(options.only);
  const withLive = LIVE.includes(options.only);
  if (cases.length === 0 && !withAsyncapi && !withTopicLog && !withLive) {
    console.error(`There is no case ${options.only}.\n${USAGE}`);
    return 2;
  }
  const isRelayAsked = cases.length > 0 || withAsyncapi;
  const { results, asyncapi } = isRelayAsked ? await measureRelay(cases, withAsyncapi) : NOTHING_MEASURED;
  const topicLog: ScenarioMeasured[] = withTopicLog ? await measureTopicLog(options.quick) : [];
  const live: LiveMeasured[] = withLive ? await measureLive(options.quick) : [];
  const machine = describeMachine();
  const tables = [
    results.length > 0 && renderTable(results),
    asyncapi && renderAsyncapi(asyncapi),
    topicLog.length > 0 && renderTopicLog(topicLog),
    live.length > 0 && renderLive(live),
  ];
  console.log([Object.values(machine).join(" · "), ...tables.filter(Boolean)].join("\n\n"));
  if (options.json)
    writeFileSync(options.json, `${JSON.stringify({ machine, results, asyncapi, topicLog, live }, null, 2)}\n`);
  const faults = [...results.flatMap(faultsOf), ...live.flatMap(liveFaultsOf)];
  return faults.length > 0 ? 1 : 0;
}

/** What is measured in the runtime that the bare Worker and the relay share. */
async function measureRelay(cases: BenchCase[], withAsyncapi: boolean): Promise<RelayMeasured> {
  const results: CaseResult[] = [];
  const receiver = await Receiver.start();
  try {
    const runtime = await startRuntime({ bareTarget: bareTarget(receiver), door: options.entry ? "entry" : "direct" });
    try {
      for (const benchCase of cases) {
        console.error(`${String(results.length + 1).padStart(2)}/${cases.length}  ${benchCase.name}`);
        results.push(await runCase(benchCase, runtime, receiver));
      }
      if (withAsyncapi) console.error(ASYNCAPI);
      return { results, asyncapi: withAsyncapi ? await measureAsyncapi(runtime.relayOrigin, options.quick) : null };
    } finally {
      await runtime.stop();
    }
  } finally {
    await receiver.stop();
  }
}

/** Timings are as noisy as the machine is busy; who compares two runs wants to know where they were made. */
function describeMachine(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string): string =>
    (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as { version: string }).version;
  return {
    machine: `${availableParallelism()} CPUs (${cpus()[0]?.model.trim() ?? "unknown"}), ${platform()} ${arch()}`,
    node: `Node ${process.version}`,
    workerd: `workerd ${versionOf("workerd")} through miniflare ${versionOf("miniflare")}`,
    door: options.entry ? "through its entry" : "asked directly",
    note: options.quick ? "quick: noisier still" : "timings are noisy, ratios count",
  };
}
