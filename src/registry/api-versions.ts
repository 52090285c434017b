import { z } from "zod";
import { nullableRow } from "./rows.ts";

/** An AsyncAPI document as it was sent. */
export type ApiVersion = {
  version: string;
  specVersion: string;
  document: string;
  mediaType: "application/json" | "application/yaml";
  createdMs: number;
};

const ApiVersionRow = z
  .object({
    version: z.string(),
    spec_version: z.string(),
    document: z.string(),
    media_type: z.enum(["application/json", "application/yaml"]),
    created_ms: z.number(),
  })
  .transform(
    (row): ApiVersion => ({
      version: row.version,
      specVersion: row.spec_version,
      document: row.document,
      mediaType: row.media_type,
      createdMs: row.created_ms,
    }),
  );

/** The newest document of an API. */
export async function findLatestVersion(db: D1Database, apiId: string): Promise<ApiVersion | null> {
  const row = await db
    .prepare(
      `SELECT version, spec_version, document, media_type, created_ms FROM api_version
       WHERE api_id = ? ORDER BY seq DESC LIMIT 1`,
    )
    .bind(apiId)
    .first();
  return nullableRow(ApiVersionRow, row);
}

export function insertApiVersion(db: D1Database, apiId: string, version: ApiVersion): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO api_version (api_id, version, spec_version, document, media_type, created_ms)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .bind(apiId, version.version, version.specVersion, version.document, version.mediaType, version.createdMs);
}
