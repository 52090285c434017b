import { describe, expect, it } from "vitest";
import { attemptDelivery } from "../../../src/delivery/attempt.ts";
import { type AdmissionDeps, admitEndpoint } from "../../../src/delivery/endpoint-admission.ts";
import type { NameVerdict } from "../../../src/delivery/name-look-up.ts";
import { makeDeps, makeEvent, makeTarget, prepareOrThrow } from "../../support/deliveries.ts";

function makeAdmission(verdict: NameVerdict, allowPrivate = false): AdmissionDeps & { lookedUp: string[] } {
  const lookedUp: string[] = [];
  return {
    lookedUp,
    endpointRules: { allowPrivate, relayOrigin: "https://relay.example.com" },
    lookUpName: async (hostname) => {
      lookedUp.push(hostname);
      return verdict;
    },
  };
}

describe("an endpoint", () => {
  it("is admitted where its text and its name are", async () => {
    const deps = makeAdmission("allowed");
    const admitted = await admitEndpoint(deps, "HTTPS://Hooks.Example.com:8443/in");
    expect(admitted.ok && admitted.value.href).toBe("https://hooks.example.com:8443/in");
    expect(deps.lookedUp).toEqual(["hooks.example.com"]);
  });

  it("that its text refuses is not looked up", async () => {
    const deps = makeAdmission("allowed");
    expect(await admitEndpoint(deps, "https://127.1/")).toEqual({ ok: false, error: { reason: "endpoint_refused" } });
    expect(deps.lookedUp).toEqual([]);
  });

  it("is not looked up where private ones are allowed", async () => {
    const deps = makeAdmission("refused", true);
    expect((await admitEndpoint(deps, "http://127.0.0.1:9000/")).ok).toBe(true);
    expect(deps.lookedUp).toEqual([]);
  });
});

describe("an attempt", () => {
  it.each([
    ["refused", "endpoint_refused"],
    ["unresolved", "connection"],
  ] as const)("at a name that is %s sends nothing and says %s", async (verdict, error) => {
    let requests = 0;
    const fetch = async () => {
      requests++;
      return new Response(null);
    };
    const target = await prepareOrThrow(makeDeps({ fetch, ...makeAdmission(verdict) }), makeTarget());
    expect(await attemptDelivery(target, makeEvent())).toMatchObject({ delivered: false, status: 0, error });
    expect(requests).toBe(0);
  });

  it("looks the name up once for all events of a lease, and again for the next", async () => {
    const deps = makeAdmission("allowed");
    for (let lease = 0; lease < 2; lease++) {
      const target = await prepareOrThrow(makeDeps(deps), makeTarget());
      for (let i = 0; i < 3; i++) expect((await attemptDelivery(target, makeEvent())).delivered).toBe(true);
    }
    expect(deps.lookedUp).toHaveLength(2);
  });
});
