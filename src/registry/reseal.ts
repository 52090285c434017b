import { z } from "zod";
import { SealedSecret } from "../domain/subscription.ts";
import { logLine } from "../kernel/log.ts";
import { seal, sealPrefix, unseal } from "../kernel/sealed-box.ts";
import { newGeneration, pushSubscriptions } from "./pushes.ts";
import { jsonColumn } from "./rows.ts";

/** How many rows of a table one run seals anew: with their pushes, far below what a Worker may ask of D1. */
const ROWS_PER_RUN_MAX = 200;

/** Where one box stands in a row of its own. */
const KEY_TABLES = [
  { table: "signing_key", box: "sealed_private_jwk" },
  { table: "webhook_key", box: "sealed_private_key" },
];

const KeyRow = z.object({ generation: z.number(), box: z.string() });
const SubscriptionRow = z.object({ id: z.string(), boxes: z.string() });
const Boxes = jsonColumn(z.array(SealedSecret));

/**
 * Seals with the newest master key what an older one has sealed, so that the older one can go. Called every hour; safe to
 * repeat, to miss, and to be run twice at once. Answers kept for an Idempotency-Key are left alone: they end within a day.
 */
export async function resealSecrets(db: D1Database, masterKeys: string): Promise<{ resealed: number; failed: number }> {
  const prefix = await sealPrefix(masterKeys);
  const reseal = async (box: string): Promise<string> =>
    box.startsWith(prefix) ? box : seal(masterKeys, await unseal(masterKeys, box));
  const done = { resealed: 0, failed: 0 };
  for (const { table, box } of KEY_TABLES) count(done, await resealKeys(db, table, box, prefix, reseal));
  count(done, await resealSubscriptions(db, prefix, reseal));
  if (done.resealed + done.failed > 0) logLine("secrets_resealed", done);
  return done;
}

type Done = { resealed: number; failed: number };
type Reseal = (box: string) => Promise<string>;

async function resealKeys(db: D1Database, table: string, column: string, prefix: string, reseal: Reseal) {
  const { results } = await db
    .prepare(
      `SELECT generation, ${column} AS box FROM ${table}
       WHERE substr(${column}, 1, length(?1)) <> ?1 ORDER BY generation DESC LIMIT ?2`,
    )
    .bind(prefix, ROWS_PER_RUN_MAX)
    .all();
  return resealEach(results, async (found) => {
    const { generation, box } = KeyRow.parse(found);
    const update = `UPDATE ${table} SET ${column} = ? WHERE generation = ? AND ${column} = ?`;
    await db
      .prepare(update)
      .bind(await reseal(box), generation, box)
      .run();
  });
}

/** In no order: rows that no key opens would stand in the way of the others in any. The logs have copies of these boxes: each is told. */
async function resealSubscriptions(db: D1Database, prefix: string, reseal: Reseal) {
  const { results } = await db
    .prepare(
      // What is left when the boxes of the newest key are taken out of the list must not begin as a box does.
      `SELECT id, sealed_signing_secrets AS boxes FROM subscription
       WHERE replace(sealed_signing_secrets, '"' || ?1, '') GLOB '*"v[12].*' ORDER BY random() LIMIT ?2`,
    )
    .bind(prefix, ROWS_PER_RUN_MAX)
    .all();
  return resealEach(results, async (found) => {
    const { id, boxes } = SubscriptionRow.parse(found);
    const secrets = await Promise.all(
      Boxes.parse(boxes).map(async ({ sealed, expiresMs }) => ({ sealed: await reseal(sealed), expiresMs })),
    );
    await db.batch([
      db
        .prepare(
          `UPDATE subscription SET sealed_signing_secrets = ?, revision = revision + 1
           WHERE id = ? AND sealed_signing_secrets = ?`,
        )
        .bind(JSON.stringify(secrets), id, boxes),
      pushSubscriptions(db, { subscriptionId: id }, newGeneration("reseal")),
    ]);
  });
}

/** One that no key opens is said so and left as it is: the others must not wait for it. */
async function resealEach(rows: unknown[], resealRow: (row: unknown) => Promise<void>): Promise<Done> {
  const done = { resealed: 0, failed: 0 };
  for (const row of rows) {
    try {
      await resealRow(row);
      done.resealed++;
    } catch (error) {
      done.failed++;
      logLine("secret_not_resealed", { error: String(error) });
    }
  }
  return done;
}

function count(all: Done, { resealed, failed }: Done): void {
  all.resealed += resealed;
  all.failed += failed;
}
