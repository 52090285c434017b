import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = join(fileURLToPath(import.meta.url), "../../../specs");

/** The names of the documents in `specs`. */
export const listSpecs = (): string[] => readdirSync(FOLDER);

export const readSpec = (name: string): string => readFileSync(join(FOLDER, name), "utf8");
