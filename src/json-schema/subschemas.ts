import type { Inheritance } from "./inheritance.ts";
import type { Pattern } from "./patterns/pattern.ts";
import type { SchemaDocument, SchemaPlace } from "./references.ts";
import type { Check } from "./run.ts";

/** What a keyword asks of the compiler: the checks of the schemas within it. */
export type Subschemas = {
  readonly document: SchemaDocument;
  readonly inheritance: Inheritance;
  /** The check of a schema that applies to a member of the value. */
  compile(place: SchemaPlace): Check;
  /** The check of a schema that applies to the value itself. */
  compileInPlace(place: SchemaPlace): Check;
  /** The check of a schema that stands elsewhere. */
  compileLater(place: SchemaPlace): Check;
  /** undefined where the pattern is left unchecked, or refused. */
  compilePattern(source: string, pointer: string): Pattern | undefined;
};
