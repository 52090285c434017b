import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "browser",
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/support/bundle-relay.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
