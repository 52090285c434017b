import { expect, it } from "vitest";
import { readWranglerConfig } from "../../../src/dev/wrangler-config.ts";

/** An environment inherits no binding and no variable: what is forgotten there is `undefined` in a running Worker. */
const production = await readWranglerConfig("");
const staging = await readWranglerConfig("staging");

const withoutNames = (queue: string, name: string): string => queue.replace(name, "");

it("staging has every variable and every secret", () => {
  expect(Object.keys(production.vars).length).toBeGreaterThan(5);
  expect(Object.keys(staging.vars)).toEqual(Object.keys(production.vars));
  expect(staging.secrets).toEqual(production.secrets);
});

it("staging is as strict as production", () => {
  const { RELAY_ORIGIN: _, ...settings } = production.vars;
  expect(staging.vars).toMatchObject(settings);
});

it("staging has every binding and every trigger, and shares none of what is behind them", () => {
  const shapeOf = ({ name = "", ...config }: typeof production) => ({
    databases: config.d1_databases.map(({ binding, migrations_dir }) => ({ binding, migrations_dir })),
    objects: config.durable_objects.bindings,
    migrations: config.migrations,
    producers: config.queues.producers?.map((it) => ({ ...it, queue: withoutNames(it.queue ?? "", name) })),
    consumers: config.queues.consumers?.map((it) => ({ ...it, queue: withoutNames(it.queue, name) })),
    ratelimits: config.ratelimits.map(({ name: binding, simple }) => ({ binding, simple })),
    datasets: config.analytics_engine_datasets.map(({ binding }) => binding),
    triggers: config.triggers,
  });
  expect(shapeOf(staging)).toEqual(shapeOf(production));
  const namesOf = (config: typeof production): unknown[] => [
    config.name,
    ...config.d1_databases.map(({ database_name }) => database_name),
    ...(config.queues.producers ?? []).map(({ queue }) => queue),
    ...config.analytics_engine_datasets.map(({ dataset }) => dataset),
    config.vars.RELAY_ORIGIN,
  ];
  const shared = namesOf(staging).filter((name) => namesOf(production).includes(name));
  expect(shared).toEqual([]);
});

it("both serve every queue that they send to", () => {
  for (const { queues } of [production, staging]) {
    expect(queues.consumers?.map(({ queue }) => queue)).toEqual(queues.producers?.map(({ queue }) => queue));
  }
});

it("staging does not take over the domain of production", () => {
  expect(staging.routes).toEqual([]);
});
