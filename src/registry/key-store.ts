import { z } from "zod";
import { seal, unseal } from "../kernel/sealed-box.ts";

/** A key pair of the relay as it is stored: the private half stays sealed until something has to be signed. */
export type StoredKey<Public> = {
  generation: number;
  publicJwk: Public;
  sealedPrivateJwk: string;
  createdMs: number;
  signsFromMs: number;
};

export type NewKey<Public, Private> = Omit<StoredKey<Public>, "sealedPrivateJwk"> & { privateJwk: Private };

/** The generations of one kind of key. */
export type KeyStore<Public, Private> = {
  /** Newest first. */
  list(): Promise<StoredKey<Public>[]>;
  /** False where the generation exists already: whoever was first wins, and the caller reads that key back. */
  add(key: NewKey<Public, Private>): Promise<boolean>;
  /** Answers how many went. */
  removeOlderThan(generation: number): Promise<number>;
  /** Throws when the key was sealed under another master key. */
  openPrivateKey(key: StoredKey<Public>): Promise<Private>;
};

/** Where one kind of key is kept, and what its halves are. */
export type KeyTable<Public, Private> = {
  /** Every row, newest first, in the columns of `KeyRow`. */
  select: string;
  /** Binds the five values of a row; does nothing where the generation is there. */
  insert: string;
  /** Binds a generation; deletes those below it. */
  removeOlder: string;
  PublicJwk: z.ZodType<Public>;
  PrivateJwk: z.ZodType<Private>;
};

const KeyRow = z.object({
  generation: z.number(),
  public_jwk: z.string(),
  sealed_private_jwk: z.string(),
  created_ms: z.number(),
  signs_from_ms: z.number(),
});

/** The keys of a table in D1, their private halves sealed with the relay's master key. */
export function keyStore<Public, Private>(
  db: D1Database,
  masterKey: string,
  { select, insert, removeOlder, PublicJwk, PrivateJwk }: KeyTable<Public, Private>,
): KeyStore<Public, Private> {
  const readRow = (row: unknown): StoredKey<Public> => {
    const { generation, public_jwk, sealed_private_jwk, created_ms, signs_from_ms } = KeyRow.parse(row);
    return {
      generation,
      publicJwk: PublicJwk.parse(JSON.parse(public_jwk)),
      sealedPrivateJwk: sealed_private_jwk,
      createdMs: created_ms,
      signsFromMs: signs_from_ms,
    };
  };
  return {
    async list() {
      const { results } = await db.prepare(select).all();
      return results.map(readRow);
    },
    async add({ generation, publicJwk, privateJwk, createdMs, signsFromMs }) {
      const sealed = await seal(masterKey, JSON.stringify(privateJwk));
      const statement = db.prepare(insert).bind(generation, JSON.stringify(publicJwk), sealed, createdMs, signsFromMs);
      const { meta } = await statement.run();
      return meta.changes > 0;
    },
    async removeOlderThan(generation) {
      const { meta } = await db.prepare(removeOlder).bind(generation).run();
      return meta.changes;
    },
    async openPrivateKey({ sealedPrivateJwk }) {
      return PrivateJwk.parse(JSON.parse(await unseal(masterKey, sealedPrivateJwk)));
    },
  };
}
