import type { ApiChannel, ApiDocument, ApiMessage } from "../api-document.ts";
import { type ChangeKind, type Path, type SchemaChange, show, WIDER } from "./changes.ts";
import { CompareBudget } from "./compare-budget.ts";
import { walkSchemas } from "./compare-schemas.ts";
import { CHANGE_PATH_CHARS_MAX } from "./limits.ts";
import { haveSameMeaning } from "./meaning.ts";
import { SchemaReader } from "./reading.ts";
import { newWalkOptions, type WalkOptions } from "./walk.ts";

export type { ChangeKind } from "./changes.ts";

/** `path` is a JSON Pointer into what the relay shows of an API, whatever version of AsyncAPI its document is of. */
export type ApiChange = { path: string; kind: ChangeKind; message: string };

/**
 * What changed between two versions of an API, and whether that breaks its subscribers. Judged is what the relay has of a
 * document, so that servers, operations and the version of AsyncAPI make no change.
 *
 * | change | kind |
 * |---|---|
 * | channel gone, or at another address; message gone, or of another name; content type | breaking |
 * | channel new | non-breaking |
 * | message new | unclassified: a delivery does not say its message, so it depends on who receives it |
 * | schema of a payload or of a parameter | as `compareSchemas` says |
 * | … gone | breaking |
 * | … new where there was none | unclassified |
 * | title, version, description, tags, examples | non-breaking |
 */
export function compareDocuments(before: ApiDocument, after: ApiDocument, budget = new CompareBudget()): ApiChange[] {
  const comparison = new DocumentComparison(before, after, newWalkOptions(budget));
  return comparison.run().map(({ path, ...change }) => ({ path: writePointer(path), ...change }));
}

class DocumentComparison {
  readonly #before: ApiDocument;
  readonly #after: ApiDocument;
  readonly #options: WalkOptions;

  constructor(before: ApiDocument, after: ApiDocument, options: WalkOptions) {
    this.#before = before;
    this.#after = after;
    this.#options = options;
  }

  run(): SchemaChange[] {
    this.#compareRemarks([], this.#before, this.#after, ["title", "version", "description"]);
    this.#compareTags();
    const known = new Map(this.#before.channels.map((channel) => [channel.address, channel]));
    for (const channel of this.#after.channels) {
      const old = known.get(channel.address);
      known.delete(channel.address);
      if (old) this.#compareChannels(old, channel);
      else this.#report("non-breaking", ["channels", channel.address], "The channel is new.");
    }
    for (const address of known.keys()) this.#report("breaking", ["channels", address], "The channel is gone.");
    return this.#options.changes.list();
  }

  #report(kind: ChangeKind, path: Path, message: string): void {
    this.#options.changes.add(kind, path, message);
  }

  #compareRemarks<T>(path: Path, before: T, after: T, keys: (keyof T & string)[]): void {
    for (const key of keys) {
      if (before[key] !== after[key]) this.#report("non-breaking", [...path, key], `The ${key} changed.`);
    }
  }

  #compareTags(): void {
    const [known, next] = [new Set(this.#before.tags), new Set(this.#after.tags)];
    for (const tag of next) if (!known.has(tag)) this.#report("non-breaking", ["tags"], `The tag ${show(tag)} is new.`);
    for (const tag of known)
      if (!next.has(tag)) this.#report("non-breaking", ["tags"], `The tag ${show(tag)} is gone.`);
  }

  #compareChannels(before: ApiChannel, after: ApiChannel): void {
    const path = ["channels", after.address];
    this.#compareRemarks(path, before, after, ["title", "description"]);
    for (const { name, schema } of after.parameters) {
      const old = before.parameters.find((parameter) => parameter.name === name);
      this.#compareSchemas([...path, "parameters", name, "schema"], old?.schema ?? null, schema);
    }
    const { pairs, gone, added } = this.#pairMessages(before.messages, after.messages);
    for (const pair of pairs) this.#compareMessages([...path, "messages"], pair);
    for (const { name } of added) {
      const message = "The message is new: nothing but its payload tells it from the others.";
      this.#report("unclassified", [...path, "messages", name], message);
    }
    for (const { name } of gone) this.#report("breaking", [...path, "messages", name], "The message is gone.");
  }

  /** By name. The versions 2.x and 3.x name messages by different things: between them then by what is in them. */
  #pairMessages(before: ApiMessage[], after: ApiMessage[]) {
    const gone = new Set(before);
    const added = new Set(after);
    const pairs: [ApiMessage, ApiMessage][] = [];
    const isOtherMajor = majorOf(this.#before) !== majorOf(this.#after);
    const rules: ((was: ApiMessage, is: ApiMessage) => boolean)[] = [
      (was, is) => was.name === is.name,
      (was, is) => isOtherMajor && this.#haveSameContent(was, is),
      () => isOtherMajor && gone.size === 1 && added.size === 1,
    ];
    for (const isMatch of rules) {
      for (const was of gone) {
        const is = [...added].find((candidate) => isMatch(was, candidate));
        if (!is) continue;
        gone.delete(was);
        added.delete(is);
        pairs.push([was, is]);
      }
    }
    return { pairs, gone, added };
  }

  #haveSameContent(was: ApiMessage, is: ApiMessage): boolean {
    const { budget } = this.#options;
    const versions = {
      before: new SchemaReader(was.schema, budget),
      after: new SchemaReader(is.schema, budget),
      budget,
    };
    return contentTypeOf(was) === contentTypeOf(is) && haveSameMeaning(versions, was.schema, is.schema);
  }

  #compareMessages(messages: Path, [before, after]: [ApiMessage, ApiMessage]): void {
    const path = [...messages, after.name];
    if (before.name !== after.name) {
      this.#report("non-breaking", path, `The message was called ${show(before.name)}.`);
    }
    const [was, is] = [contentTypeOf(before), contentTypeOf(after)];
    if (was !== is) {
      this.#report("breaking", [...path, "contentType"], `The content type was ${show(was)}, and is ${show(is)}.`);
    }
    this.#compareSchemas([...path, "payload"], before.schema, after.schema);
    if (JSON.stringify(before.examples) !== JSON.stringify(after.examples)) {
      this.#report("non-breaking", [...path, "examples"], "The examples changed.");
    }
  }

  /** null: the document has none that the relay can read. */
  #compareSchemas(prefix: Path, before: unknown, after: unknown): void {
    // Most schemas of a new version are unchanged: that is seen without going through them.
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    if (before === null) {
      this.#report("unclassified", prefix, "There is a schema now: what was allowed before is not known.");
    } else if (after === null) {
      this.#report("breaking", prefix, `There is no JSON Schema any more: ${WIDER}.`);
    } else {
      walkSchemas(before, after, { ...this.#options, prefix });
    }
  }
}

const majorOf = ({ specVersion }: ApiDocument): string | undefined => specVersion.split(".")[0];

/** The relay takes JSON, so that is what a message is of which nothing is said. */
const contentTypeOf = ({ contentType }: ApiMessage): string =>
  (contentType ?? "application/json").toLowerCase().replaceAll(/\s/g, "");

/** RFC 6901 */
function writePointer(path: Path): string {
  const pointer = path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return pointer.length <= CHANGE_PATH_CHARS_MAX ? pointer : `${pointer.slice(0, CHANGE_PATH_CHARS_MAX - 1)}…`;
}
