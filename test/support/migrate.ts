import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";

// The files of a run share one workerd, as its start costs more than most of them: each begins with no API and no app.
const db = env.REGISTRY;
await applyD1Migrations(db, env.MIGRATIONS);
await db.batch(["api", "app", "push", "notice"].map((table) => db.prepare(`DELETE FROM ${table}`)));
