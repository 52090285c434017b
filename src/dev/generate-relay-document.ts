import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "../..");

/** Makes a module of the relay's own document: a Worker has no files, and its bundlers take no YAML. */
const text = readFileSync(join(ROOT, "specs/relay.asyncapi.yaml"), "utf8");
const { version } = parse(text).info;
writeFileSync(join(ROOT, "src/asyncapi/generated/relay-document.json"), JSON.stringify({ version, text }));
