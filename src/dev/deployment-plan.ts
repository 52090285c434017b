import { z } from "zod";
import { err, ok, type Result } from "../kernel/result.ts";

/** What wrangler.toml says of one environment, as far as a deployment has to know it. */
export type Target = {
  /** `--env=…`; of the top level, nothing behind it. */
  envFlag: string;
  worker: string;
  /** `RELAY_ORIGIN`. */
  origin: string;
  database: { binding: string; name: string; id: string | undefined };
  requiredSecrets: string[];
};

/** What is in the account before a deployment. `secrets`: the names of those that the Worker has; none where there is no Worker. */
export type Account = { databases: string[]; secrets: string[] };

export type Step = { why: string; wrangler: string[] };

/** `missingSecrets` travel with the last step: a Worker that is not there yet takes them in no other way. */
export type Plan = { steps: Step[]; missingSecrets: string[] };

export type PlanFault = { reason: "origin_not_yours"; origin: string };

export type SecretFault = { reason: "secret_missing"; name: string };

/** Hosts of this name are nobody's: they stand in wrangler.toml until somebody puts theirs there. */
const PLACEHOLDER = ".example.workers.dev";

/**
 * What brings an account to this version of the relay: the registry before the code that reads it, as its migrations only add.
 * The queues and the link to the registry are made by `wrangler deploy` itself.
 */
export function planDeployment(target: Target, account: Account): Result<Plan, PlanFault> {
  const { envFlag, origin, database } = target;
  if (!isPublicOrigin(origin)) return err({ reason: "origin_not_yours", origin });
  const isThere = database.id !== undefined || account.databases.includes(database.name);
  return ok({
    steps: [
      ...(isThere ? [] : [createDatabase(target)]),
      {
        why: "bring the registry to this version",
        wrangler: ["d1", "migrations", "apply", database.binding, "--remote", envFlag],
      },
      { why: "deploy the Worker, with the queues that are missing", wrangler: ["deploy", envFlag] },
    ],
    missingSecrets: target.requiredSecrets.filter((name) => !account.secrets.includes(name)),
  });
}

const createDatabase = ({ envFlag, database }: Target): Step => ({
  why: "make the registry's database",
  wrangler: ["d1", "create", database.name, "--update-config=false", envFlag],
});

/** Tokens name it as their issuer: an origin that is somebody else's would make every token a lie. */
function isPublicOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.protocol === "https:" && url.origin === text && !url.hostname.endsWith(PLACEHOLDER);
}

/**
 * The secrets that a Worker lacks: as they are given, else as an earlier try has kept them, else made. A build machine forgets its
 * files: a secret that is made there would be nobody's, so that it makes none (`make` is null).
 */
export function chooseSecrets(
  missing: string[],
  { given, kept, make }: { given: Partial<Secrets>; kept: Secrets; make: (() => string) | null },
): Result<Secrets, SecretFault> {
  const chosen: Secrets = {};
  for (const name of missing) {
    const secret = given[name] || kept[name] || make?.();
    if (!secret) return err({ reason: "secret_missing", name });
    chosen[name] = secret;
  }
  return ok(chosen);
}

export type Secrets = Record<string, string>;

const Named = z.array(z.object({ name: z.string() }));

/** Reads what `wrangler d1 list --json` and `wrangler secret list` print. */
export const readNames = (json: string): string[] => Named.parse(JSON.parse(json)).map(({ name }) => name);
