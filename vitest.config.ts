import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Secrets come to a Worker from outside its configuration, here too.
process.env.RELAY_OPERATOR_TOKEN = "test-operator-token";
process.env.RELAY_MASTER_KEY = "test-master-key";

const migrations = await readD1Migrations("src/registry/migrations");

const PROMISED_IN_SECONDS = ["hanging-endpoint", "hostile-endpoints", "permission-races"].map(
  (name) => `test/conformance/${name}.test.ts`,
);

export default defineConfig({
  test: {
    silent: "passed-only",
    reporters: ["default", "./test/support/log-capture.ts"],
    projects: [
      {
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["test/unit/**/*.test.ts"],
          environment: "node",
          maxWorkers: 2,
          // Some let months pass, hour by hour.
          testTimeout: 30_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: "./src/worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                RELAY_ORIGIN: "https://relay.test",
                ALLOW_PRIVATE_ENDPOINTS: "true",
                ENDPOINT_RESOLVER: "",
                MIGRATIONS: migrations,
              },
              // Each is filled with what an older version has left.
              d1Databases: ["REGISTRY_1", "REGISTRY_2", "REGISTRY_3", "REGISTRY_6"],
              // Bound under names of the tests' own: the relay's are off where they are not bound.
              ratelimits: {
                TEST_LIMIT_PER_CLIENT: { namespace_id: "1", simple: { limit: 3, period: 60 } },
                TEST_LIMIT_PER_ADDRESS: { namespace_id: "2", simple: { limit: 5, period: 60 } },
              },
            },
          }),
        ],
        test: {
          name: "worker",
          sequence: { groupOrder: 1 },
          // One workerd for all files: to start one and load the relay takes longer than most files.
          isolate: false,
          maxWorkers: 1,
          // The first document that is linted loads AsyncAPI's parser.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ["test/worker/**/*.test.ts"],
          // As modules of their own, workerd would run some of this package's twice.
          deps: { optimizer: { ssr: { enabled: true, include: ["mqtt-packet"] } } },
          setupFiles: ["test/support/migrate.ts"],
        },
      },
      // Black box: each file starts a relay of its own.
      {
        test: {
          name: "e2e",
          sequence: { groupOrder: 2 },
          include: ["test/conformance/**/*.test.ts"],
          exclude: PROMISED_IN_SECONDS,
          globalSetup: ["test/support/bundle-relay.ts"],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      // One at a time: what is promised in seconds is not measured beside others.
      {
        test: {
          name: "e2e-alone",
          sequence: { groupOrder: 3 },
          include: PROMISED_IN_SECONDS,
          globalSetup: ["test/support/bundle-relay.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      // Last: it looks through what all others have logged.
      {
        test: {
          name: "secrets",
          sequence: { groupOrder: 4 },
          include: ["test/secrets/**/*.test.ts"],
          environment: "node",
        },
      },
    ],
  },
});
