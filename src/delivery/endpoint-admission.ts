import { err, ok, type Result } from "../kernel/result.ts";
import { checkEndpoint, type EndpointRules } from "./endpoint-guard.ts";
import type { NameLookUp } from "./name-look-up.ts";

/** Why nothing is sent to an endpoint now, as an attempt names it. */
export type NotAdmitted = { reason: "endpoint_refused" | "connection" };

export type AdmissionDeps = { endpointRules: EndpointRules; lookUpName: NameLookUp };

/**
 * Whether a request may go to an endpoint now: its text and its name. Asked before each lease, sample and handshake, because what a
 * name stands for changes; where private endpoints are allowed no name is looked up.
 */
export async function admitEndpoint(
  { endpointRules, lookUpName }: AdmissionDeps,
  endpoint: string,
): Promise<Result<URL, NotAdmitted>> {
  const url = checkEndpoint(endpoint, endpointRules);
  if (!url.ok) return err({ reason: "endpoint_refused" });
  const verdict = endpointRules.allowPrivate ? "allowed" : await lookUpName(url.value.hostname);
  switch (verdict) {
    case "allowed":
      return ok(url.value);
    case "refused":
      return err({ reason: "endpoint_refused" });
    case "unresolved":
      return err({ reason: "connection" });
  }
}
