import { quote } from "./findings.ts";
import { readMembers, readObject } from "./read-fields.ts";
import { type Place, placeAt, type Source } from "./references.ts";

// The headers of a publish that the relay reads, by their letters alone.
const READ_BY_RELAY = new Map(
  [
    ["partitionKey", "Partition-Key"],
    ["Data-Owner-Id"],
    ["X-Request-Id"],
    ["Origin-Request-Id"],
    ["Idempotency-Key"],
    ["Subscription-Id"],
  ].map((spellings) => [lettersOf(spellings[0] ?? ""), spellings]),
);

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, "");
}

/** Finds declared headers that look like one the relay reads and are not: `dataOwnerId`, `X_Request_ID`. */
export function checkHeaderNames(source: Source, message: Place): void {
  const headers = placeAt(message, "headers");
  const declared = headers && readObject(source, headers);
  // From 3.0 on the schema may stand in an object that names its language.
  const schema = declared && (placeAt(declared, "schemaFormat") ? placeAt(declared, "schema") : declared);
  const properties = schema && readObject(source, schema);
  for (const [name, place] of readMembers(source, properties && placeAt(properties, "properties"))) {
    const spellings = READ_BY_RELAY.get(lettersOf(name));
    if (!spellings || spellings.some((spelling) => spelling.toLowerCase() === name.toLowerCase())) continue;
    const message = `The relay reads no header ${quote(name)}; it reads ${spellings.map(quote).join(" or ")}.`;
    source.findings.add("relay-header-name", place.path, message);
  }
}
