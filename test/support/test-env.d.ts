declare namespace Cloudflare {
  interface Env {
    /** The registry's migrations, given by vitest.config.ts. */
    MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}
