import { describe, expect, it } from "vitest";
import {
  type Account,
  chooseSecrets,
  planDeployment,
  readNames,
  type Target,
} from "../../../src/dev/deployment-plan.ts";

const target: Target = {
  envFlag: "--env=",
  worker: "event-relay",
  origin: "https://relay.workshop.test",
  database: { binding: "REGISTRY", name: "event-relay-registry", id: undefined },
  requiredSecrets: ["RELAY_OPERATOR_TOKEN", "RELAY_MASTER_KEY"],
};
const EMPTY: Account = { databases: [], secrets: [] };
const DEPLOYED: Account = { databases: ["event-relay-registry"], secrets: target.requiredSecrets };

const plan = (fields: Partial<Target>, account: Account) => {
  const planned = planDeployment({ ...target, ...fields }, account);
  if (!planned.ok) throw new Error(planned.error.reason);
  const { steps, missingSecrets } = planned.value;
  return { commands: steps.map(({ wrangler }) => wrangler.join(" ")), missingSecrets };
};

const MIGRATE = "d1 migrations apply REGISTRY --remote --env=";

describe("a deployment", () => {
  it("makes all that an empty account lacks, and the registry before the code that reads it", () => {
    expect(plan({}, EMPTY)).toEqual({
      commands: ["d1 create event-relay-registry --update-config=false --env=", MIGRATE, "deploy --env="],
      missingSecrets: ["RELAY_OPERATOR_TOKEN", "RELAY_MASTER_KEY"],
    });
  });

  it("makes nothing twice", () => {
    expect(plan({}, DEPLOYED)).toEqual({ commands: [MIGRATE, "deploy --env="], missingSecrets: [] });
  });

  it("goes on where an earlier one has stopped half way", () => {
    const half = { databases: ["event-relay-registry"], secrets: ["RELAY_MASTER_KEY"] };
    expect(plan({}, half)).toEqual({ commands: [MIGRATE, "deploy --env="], missingSecrets: ["RELAY_OPERATOR_TOKEN"] });
  });

  it("takes the database whose id stands in the configuration, whatever it is called in the account", () => {
    const database = { ...target.database, id: "0f3c9d3e-1f43-4d35-8f0c-6d8f3f8f6a11" };
    expect(plan({ database }, EMPTY).commands).toEqual([MIGRATE, "deploy --env="]);
  });

  it("is not misled by databases with names like its own", () => {
    const account = { databases: ["event-relay-staging-registry", "event-relay-registry-2"], secrets: [] };
    expect(plan({}, account).commands[0]).toBe("d1 create event-relay-registry --update-config=false --env=");
  });

  it.each([
    "https://event-relay.example.workers.dev",
    "http://relay.workshop.test",
    "https://relay.workshop.test/",
    "https://relay.workshop.test/v2",
    "https://operator@relay.workshop.test",
    "relay.workshop.test",
    "",
  ])("refuses the origin %j: it would be the issuer of every token", (origin) => {
    expect(planDeployment({ ...target, origin }, DEPLOYED)).toEqual({
      ok: false,
      error: { reason: "origin_not_yours", origin },
    });
  });
});

describe("the secrets that a Worker lacks", () => {
  const missing = ["RELAY_OPERATOR_TOKEN", "RELAY_MASTER_KEY"];
  const [kept, make] = [{ RELAY_MASTER_KEY: "kept" }, () => "made"];

  it("are given, or kept from an earlier try, or made: in this order", () => {
    const given = { RELAY_MASTER_KEY: "given", PATH: "/bin" };
    const chosen = chooseSecrets(missing, { given, kept, make });
    expect(chosen).toEqual({ ok: true, value: { RELAY_OPERATOR_TOKEN: "made", RELAY_MASTER_KEY: "given" } });
    const again = chooseSecrets(missing, { given: {}, kept, make });
    expect(again).toEqual({ ok: true, value: { RELAY_OPERATOR_TOKEN: "made", RELAY_MASTER_KEY: "kept" } });
  });

  it("are asked for where they can't be kept: an empty one is none", () => {
    const given = { RELAY_OPERATOR_TOKEN: "given", RELAY_MASTER_KEY: "" };
    const chosen = chooseSecrets(missing, { given, kept: {}, make: null });
    expect(chosen).toEqual({ ok: false, error: { reason: "secret_missing", name: "RELAY_MASTER_KEY" } });
  });
});

describe("what wrangler prints", () => {
  it("is read for its names", () => {
    const databases = `[
      {"uuid":"0f3c9d3e-1f43-4d35-8f0c-6d8f3f8f6a11","name":"event-relay-registry","created_at":"2026-11-22T09:00:00.000Z",
       "version":"production","num_tables":27,"file_size":442368,"jurisdiction":null},
      {"uuid":"6b3b5a53-5d0a-4b5c-9a43-0c6c2f0f7f2e","name":"other","created_at":"2026-11-01T09:00:00.000Z",
       "version":"production","num_tables":0,"file_size":8192,"jurisdiction":null}]`;
    expect(readNames(databases)).toEqual(["event-relay-registry", "other"]);
    expect(readNames('[{"name":"RELAY_MASTER_KEY","type":"secret_text"}]')).toEqual(["RELAY_MASTER_KEY"]);
    expect(readNames("[]")).toEqual([]);
  });

  it("is refused where it is no list of things with names", () => {
    expect(() => readNames('{"error":"no"}')).toThrow();
    expect(() => readNames("Getting databases …")).toThrow();
  });
});
