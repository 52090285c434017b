/**
 * What the documentation's renderer, and the parser's models, name in an import without ever using it here: the parser, which
 * writes code while it runs, and what comes with it. `vite.config.ts` puts this in its place, so that none of it is built in.
 */
export const Parser = undefined;
export const fromURL = undefined;
export const AvroSchemaParser = undefined;
export const OpenAPISchemaParser = undefined;
export const ProtoBuffSchemaParser = undefined;
export const Document = undefined;
export const DiagnosticSeverity = undefined;
