import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const migrations = await readD1Migrations("src/registry/migrations");

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], environment: "node" } },
      {
        plugins: [
          cloudflareTest({
            main: "./src/worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                RELAY_ORIGIN: "https://relay.test",
                ALLOW_PRIVATE_ENDPOINTS: "true",
                RELAY_OPERATOR_TOKEN: "test-operator-token",
                RELAY_MASTER_KEY: "test-master-key",
                MIGRATIONS: migrations,
              },
            },
          }),
        ],
        test: { name: "worker", include: ["test/worker/**/*.test.ts"], setupFiles: ["test/support/migrate.ts"] },
      },
    ],
  },
});
