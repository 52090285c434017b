import { AsyncAPIFormats } from "@asyncapi/parser/esm/ruleset/formats";
import { getSchema } from "@asyncapi/parser/esm/ruleset/functions/documentStructure";
import draft4MetaSchema from "@stoplight/spectral-functions/dist/schema/draft4.json";
import Ajv, { type AnySchemaObject, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import Ajv2019 from "ajv/dist/2019";
import Ajv2020 from "ajv/dist/2020";
import draft6MetaSchema from "ajv/dist/refs/json-schema-draft-06.json";
import Ajv4 from "ajv-draft-04";
import addErrorMessages from "ajv-errors";
import addFormats from "ajv-formats";
import { fullFormats } from "ajv-formats/dist/formats";
import { PAIRS_PER_STEP, STEPS_PER_CODE_CHARACTER, STEPS_PER_ERROR } from "../../limits.ts";
import { spendSteps } from "../../lint-steps.ts";
import { newRegExpEngine } from "../bounded-reg-exp.ts";
import { writtenSize } from "../written-size.ts";

/** Stands in for `schema/ajv` of @stoplight/spectral-functions, which makes all validators anew for each document. */

type Validate = { (data: unknown): boolean; errors: ErrorObject[] };
type Compile = (schema: AnySchemaObject, dialect: string, allErrors: boolean) => Validate;

const OPTIONS: Options = {
  meta: true,
  messages: true,
  strict: false,
  allowUnionTypes: true,
  logger: false,
  unicodeRegExp: false,
};

// Optimizing the code takes longer than interpreting it as it is.
const newCodeOptions = () => ({ optimize: false, regExp: newRegExpEngine() });

const DIALECTS = new Map<string, (options: Options) => Ajv>([
  ["draft4", (options) => new Ajv4(options)],
  ["draft2019-09", (options) => new Ajv2019(options)],
  ["draft2020-12", (options) => new Ajv2020(options)],
]);

function newDraft7(options: Options): Ajv {
  return new Ajv(options).addSchema(draft4MetaSchema).addSchema(draft6MetaSchema);
}

function newInstance(dialect: string, options: Options): Ajv {
  const make = DIALECTS.get(dialect) ?? newDraft7;
  const ajv = make(options);
  addFormats(ajv);
  ajv.addFormat("url", matchesUrl);
  if (options.allErrors) addErrorMessages(ajv);
  // What checks schemas knows no formats when it is first asked for as that, and the stock parser always asks for it so.
  ajv.validateSchema({});
  return ajv;
}

/** The pattern of this one format of ajv-formats tries each ":" with each "@" and the rest of the text. */
function matchesUrl(text: string): boolean {
  const count = (character: string): number => text.split(character).length;
  spendSteps((count(":") * count("@") * text.length) / PAIRS_PER_STEP);
  return fullFormats.url instanceof RegExp && fullFormats.url.test(text);
}

/** Compiles each schema once; a schema with an `$id` is known by that from then on. */
function newCompiler(options: Pick<Options, "validateSchema" | "code">): Compile {
  const instances = new Map<string, Ajv>();
  const compiled = new Map<Ajv, WeakMap<AnySchemaObject, ValidateFunction>>();
  return (schema, dialect, allErrors) => {
    const key = `${DIALECTS.has(dialect) ? dialect : "auto"} ${allErrors}`;
    const ajv = instances.get(key) ?? newInstance(dialect, { ...OPTIONS, ...options, allErrors });
    instances.set(key, ajv);
    if (typeof schema.$id === "string") return countErrors(ajv.getSchema(schema.$id) ?? ajv.compile(schema));
    const known = compiled.get(ajv) ?? new WeakMap<AnySchemaObject, ValidateFunction>();
    compiled.set(ajv, known);
    const validate = known.get(schema) ?? ajv.compile(schema);
    known.set(schema, validate);
    return countErrors(validate);
  };
}

/** Each error is compared with others, put into words and looked up in the text, the values that it allows as well. */
function countErrors(validate: ValidateFunction): Validate {
  const counted: Validate = Object.assign(
    (data: unknown) => {
      const isValid = validate(data) !== false; // an `$async` schema's answer is a promise
      counted.errors = validate.errors ?? [];
      for (const { params } of counted.errors) spendSteps(STEPS_PER_ERROR + (params.allowedValues?.length ?? 0));
      return isValid;
    },
    { errors: [] },
  );
  return counted;
}

/** Code of a document's own schemas is paid for by its length, and the schemas before any is made. */
function countCode(code: string): string {
  spendSteps(code.length * STEPS_PER_CODE_CHARACTER);
  return code;
}

// AsyncAPI's own schemas are the same for every document, and known to be schemas; those that come in a document end with it.
const standard = newCompiler({ validateSchema: false, code: newCodeOptions() });

function isStandard(schema: AnySchemaObject): boolean {
  const [, version] = /^http:\/\/asyncapi\.com\/definitions\/([\d.]+)\//.exec(String(schema.$id)) ?? [];
  const format = version === undefined ? undefined : AsyncAPIFormats.find(version);
  if (!format) return false;
  const formats = new Set([format]);
  return schema === getSchema(formats, true) || schema === getSchema(formats, false);
}

export function createAjvInstances(): Compile {
  const paid = new WeakSet<AnySchemaObject>();
  const own = newCompiler({ validateSchema: true, code: { ...newCodeOptions(), process: countCode } });
  return (schema, dialect, allErrors) => {
    if (isStandard(schema)) return standard(schema, dialect, allErrors);
    if (!paid.has(schema)) spendSteps(writtenSize(schema));
    paid.add(schema);
    return own(schema, dialect, allErrors);
  };
}
