import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "json-schema-to-typescript";
import { createApp } from "../http/app.ts";
import type { LogControls } from "../topic/client.ts";

type Content = Record<string, { schema?: unknown }>;
type Parameter = { name: string; in: string; required?: boolean; schema: unknown };
type Operation = {
  parameters?: Parameter[];
  requestBody?: { content: Content; required?: boolean };
  responses: Record<string, { content?: Content }>;
};
type OpenApi = { paths: Record<string, Record<string, Operation>>; components: { schemas?: object } };

const OUT_DIR = join(import.meta.dirname, "../console/generated");

/**
 * Types of the management API for the console, out of the relay's own OpenAPI document: the shape that `openapi-fetch` reads
 * (`paths[path][method]`), written down as one JSON Schema, so that the types of every body and answer come from one compiler.
 */
const document = await describeRelay();
const schema = {
  ...objectOf(Object.entries(document.paths).map(([path, item]) => [path, describePath(item)])),
  definitions: JSON.parse(
    JSON.stringify(document.components.schemas ?? {}).replaceAll("#/components/schemas/", "#/definitions/"),
  ),
};
const types = await compile(schema as never, "paths", {
  additionalProperties: false,
  bannerComment: "",
  unknownAny: true,
  // A tuple type for each bound of a list would fit no list that was put together while the page runs.
  ignoreMinAndMaxItems: true,
});
mkdirSync(OUT_DIR, { recursive: true });
// `openapi-fetch` knows statuses as numbers.
const named = types.replace(/^export interface Paths\b/m, "export interface paths").replaceAll(/"(\d{3})":/g, "$1:");
writeFileSync(join(OUT_DIR, "paths.ts"), named);

async function describeRelay(): Promise<OpenApi> {
  const app = createApp({ clock: { now: Date.now }, logsOf: () => ({}) as LogControls });
  const answer = await app.request("/openapi.json", {}, { RELAY_ORIGIN: "https://relay.example" });
  return answer.json();
}

type Schema = Record<string, unknown>;

/** An object of these members, all of which are there. */
function objectOf(members: [string, unknown][], optional: string[] = []): Schema {
  const names = members.map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(members),
    required: names.filter((name) => !optional.includes(name)),
    additionalProperties: false,
  };
}

function describePath(item: Record<string, Operation>): Schema {
  return objectOf(Object.entries(item).map(([method, operation]) => [method, describeOperation(operation)]));
}

function describeOperation({ parameters = [], requestBody, responses }: Operation): Schema {
  const places = ["path", "query", "header"].flatMap((place) => {
    const all = parameters.filter((one) => one.in === place);
    const optional = all.filter(({ required }) => !required).map(({ name }) => name);
    const isOptional = optional.length === all.length;
    return all.length === 0
      ? []
      : [
          {
            place,
            isOptional,
            schema: objectOf(
              all.map(({ name, schema }) => [name, schema]),
              optional,
            ),
          },
        ];
  });
  const optionalPlaces = places.filter(({ isOptional }) => isOptional).map(({ place }) => place);
  const members: [string, unknown][] = [
    [
      "parameters",
      objectOf(
        places.map(({ place, schema }) => [place, schema]),
        optionalPlaces,
      ),
    ],
    [
      "responses",
      objectOf(Object.entries(responses).map(([status, answer]) => [status, describeContent(answer.content)])),
    ],
  ];
  if (requestBody) members.push(["requestBody", describeContent(requestBody.content)]);
  return objectOf(members, requestBody?.required ? [] : ["requestBody"]);
}

function describeContent(content: Content = {}): Schema {
  const schemas = Object.entries(content).map(([mediaType, { schema }]): [string, unknown] => [
    mediaType,
    schema ?? {},
  ]);
  return objectOf([["content", objectOf(schemas)]]);
}
