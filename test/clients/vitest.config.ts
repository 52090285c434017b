import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "clients",
    include: ["test/clients/**/*.test.ts"],
    globalSetup: ["test/support/bundle-relay.ts"],
    testTimeout: 120_000,
  },
});
