import { isRecord, type JsonRecord } from "../../asyncapi/reader/json-values.ts";
import { sampleValue } from "../../json-schema/samples/sample-value.ts";

const DEPTH_MAX = 6;
const VALUES_MAX = 300;
const OF_SCALARS = new Set(["type", "format", "pattern", "minimum", "minLength"]);

/**
 * Stands in for `openapi-sampler` where the documentation's renderer asks for an example (`vite.config.ts`): it follows every
 * reference to its end, and a schema of many that refer to each other would keep it busy for ever. The renderer asks only where
 * the relay itself knows no example.
 */
export function sample(schema: unknown): unknown {
  const budget = { valuesLeft: VALUES_MAX };
  return sampleWithin(schema, 0, budget);
}

type Budget = { valuesLeft: number };

function sampleWithin(schema: unknown, depth: number, budget: Budget): unknown {
  budget.valuesLeft -= 1;
  if (!isRecord(schema) || depth > DEPTH_MAX || budget.valuesLeft < 0) return null;
  const given = [schema.const, schema.default, firstOf(schema.examples), firstOf(schema.enum)];
  const value = given.find((one) => one !== undefined);
  if (value !== undefined) return value;
  const choice = firstOf(schema.oneOf) ?? firstOf(schema.anyOf);
  if (choice !== undefined) return sampleWithin(choice, depth + 1, budget);
  if (Array.isArray(schema.allOf)) return sampleAll(schema.allOf, depth, budget);
  return sampleType(schema, depth, budget);
}

const firstOf = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);

function sampleAll(schemas: unknown[], depth: number, budget: Budget): unknown {
  const values = schemas.map((schema) => sampleWithin(schema, depth + 1, budget));
  return values.every(isRecord) ? Object.assign({}, ...values) : values[0];
}

function sampleType(schema: JsonRecord, depth: number, budget: Budget): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "array") return [sampleWithin(schema.items, depth + 1, budget)];
  if (isRecord(schema.properties)) {
    const members = Object.entries(schema.properties).slice(0, Math.max(0, budget.valuesLeft));
    return Object.fromEntries(members.map(([name, member]) => [name, sampleWithin(member, depth + 1, budget)]));
  }
  if (type === "object") return {};
  return sampleValue(Object.fromEntries(Object.entries(schema).filter(([keyword]) => OF_SCALARS.has(keyword))));
}
