import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "clients", include: ["test/clients/**/*.test.ts"], testTimeout: 120_000 },
});
