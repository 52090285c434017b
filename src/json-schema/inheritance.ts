import { isRecord, type JsonRecord, ownMember } from "./json-value.ts";
import type { SchemaDocument, SchemaPlace } from "./references.ts";

/** A schema of `definitions`, or the root, which has no name. */
export type NamedSchema = { name: string | undefined; place: SchemaPlace };

/** Which schemas inherit which: one inherits another when its `allOf` refers to it. */
export class Inheritance {
  readonly #document: SchemaDocument;
  /** A schema → those whose `allOf` refers to it. */
  readonly #heirs = new Map<object, NamedSchema[]>();
  readonly #names = new Map<object, string>();

  constructor(document: SchemaDocument) {
    this.#document = document;
    const { root } = document;
    this.#addHeir({ name: undefined, place: root }, root);
    const definitions = isRecord(root.value) ? ownMember(root.value, "definitions") : undefined;
    if (!isRecord(definitions)) return;
    const places = document.within(root, "definitions");
    for (const name of Object.keys(definitions)) {
      const place = document.within(places, name);
      if (!isRecord(place.value)) continue;
      this.#names.set(place.value, name);
      this.#addHeir({ name, place }, place);
    }
  }

  nameOf(schema: object): string | undefined {
    return this.#names.get(schema);
  }

  /** The schemas that inherit this one, and those that inherit them; `most` at most. */
  heirsOf(schema: object, most: number): NamedSchema[] {
    const found = new Map<object, NamedSchema>();
    const pending = [schema];
    for (const next of pending) {
      for (const heir of this.#heirs.get(next) ?? []) {
        const value = heir.place.value as JsonRecord;
        if (found.has(value) || value === schema || found.size === most) continue;
        found.set(value, heir);
        pending.push(value);
      }
    }
    return [...found.values()];
  }

  #addHeir(heir: NamedSchema, place: SchemaPlace): void {
    const parts = isRecord(place.value) ? ownMember(place.value, "allOf") : undefined;
    if (!Array.isArray(parts)) return;
    const list = this.#document.within(place, "allOf");
    for (const index of parts.keys()) {
      const part = this.#document.within(list, index);
      const reference = isRecord(part.value) ? ownMember(part.value, "$ref") : undefined;
      if (typeof reference !== "string") this.#addHeir(heir, part);
      else this.#addParent(heir, this.#document.find(reference, part.base)?.value);
    }
  }

  #addParent(heir: NamedSchema, parent: unknown): void {
    if (!isRecord(parent)) return;
    const heirs = this.#heirs.get(parent);
    if (heirs) heirs.push(heir);
    else this.#heirs.set(parent, [heir]);
  }
}
