import type { JsonRecord } from "./json-value.ts";
import { SCHEMA_DEPTH_MAX, SCHEMA_VALUES_MAX } from "./limits.ts";
import type { SchemaFaults } from "./schema-fault.ts";

/** Bounds what everything that follows walks through. */
export function measureSchema(schema: unknown, faults: SchemaFaults): void {
  let valuesLeft = SCHEMA_VALUES_MAX;
  const visit = (value: unknown, depth: number): void => {
    valuesLeft -= 1;
    if (valuesLeft < 0) faults.add("schema_too_large", "", `the schema has more than ${SCHEMA_VALUES_MAX} values`);
    if (depth > SCHEMA_DEPTH_MAX)
      faults.add("schema_too_large", "", `the schema is deeper than ${SCHEMA_DEPTH_MAX} levels`);
    if (faults.first || typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      visit((value as JsonRecord)[key], depth + 1);
      if (faults.first) return;
    }
  };
  visit(schema, 0);
}
