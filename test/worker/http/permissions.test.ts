import { beforeAll, describe, expect, it } from "vitest";
import { type Caller, type OrganizationName, PermissionWorld, type Role } from "./permission-world.ts";
import { type Answer, Relay } from "./relay.ts";

type Ids = Record<string, string>;
type Things = (world: PermissionWorld) => () => Promise<Ids>;

/** What the operator, an admin, a developer and a viewer are answered where the thing is theirs. */
type Statuses = [operator: number, admin: number, developer: number, viewer: number];

/** To which portal links a thing is there: those of its app, or all of an organization that it is there to. Absent: to none. */
type InPortal = "app" | "organization";

type Row =
  /** Lists, and what makes something new: the same for the members of every organization. */
  | { kind: "unnamed"; statuses: Statuses; portal?: InPortal }
  /** Things of these organizations; to all others they are not there. */
  | {
      kind: "named";
      of: OrganizationName[];
      things: Things;
      statuses: Statuses;
      beside: string[];
      portal?: InPortal;
      /** What access tokens are answered; none of it: they open nothing. */
      clients?: Record<"publisher's client" | "app's client", number>;
    }
  /** Everybody is answered the same. */
  | { kind: "public"; status: number }
  /** A page of an API for everybody: of one that is not public there is none. */
  | { kind: "page" }
  /** A publisher's access token opens it, and nothing else. */
  | { kind: "publish" }
  /** An app's access token opens it where the app has an active subscription. */
  | { kind: "listen" };

const unnamed = (...statuses: Statuses): Row => ({ kind: "unnamed", statuses });
const everybody = (status: number): Row => ({ kind: "public", status });
const page: Row = { kind: "page" };
const publish: Row = { kind: "publish" };
const listen: Row = { kind: "listen" };

/** `beside`: parameters that do not name the thing itself. */
const of =
  (...organizations: OrganizationName[]) =>
  (things: Things, statuses: Statuses, beside: string[] = []): Row => ({
    ...{ kind: "named", of: organizations, things, statuses, beside },
  });

/** What the subscription's own app may do too: to another app it is not there, and a publisher's client is none. */
const pulled = (things: Things, statuses: Statuses): Row => ({
  ...{ kind: "named", of: ["subscriber"], things, statuses, beside: [] },
  clients: { "publisher's client": 403, "app's client": 404 },
});

/** What portal links may do too, as members with their role. */
const inPortal = <R extends Row>(row: R, portal: InPortal = "app"): R => ({ ...row, portal });

const publishers = of("publisher");
const subscribers = of("subscriber");
const owners = of("owner");
const audience = of("publisher", "subscriber");
const parties = of("publisher", "subscriber", "owner");

// Who may write something sends a body that is refused (422), so that nothing changes; what may be deleted is made for it.
// biome-ignore format: a table, one row a route
const TABLE: Record<string, Row> = {
  //                                                                              operator admin developer viewer
  "POST /v1/organizations": unnamed(                                                    422, 403, 403, 403),
  "GET /v1/organizations": unnamed(                                                     200, 200, 200, 200),
  "GET /v1/organizations/:id": publishers((w) => w.anOrganization,                     [200, 200, 200, 200]),
  "POST /v1/organizations/:id/tokens": publishers((w) => w.anOrganization,             [422, 422, 403, 403]),
  "GET /v1/organizations/:id/tokens": publishers((w) => w.anOrganization,              [200, 200, 403, 403]),
  "DELETE /v1/organizations/:id/tokens/:tokenId": publishers((w) => w.aFreshToken,     [204, 204, 403, 403]),

  "POST /v1/organizations/:id/members": publishers((w) => w.anOrganization,            [422, 422, 403, 403]),
  "GET /v1/organizations/:id/members": publishers((w) => w.anOrganization,             [200, 200, 403, 403]),
  "PATCH /v1/organizations/:id/members/:memberId": publishers((w) => w.aFreshMember,   [422, 422, 403, 403]),
  "DELETE /v1/organizations/:id/members/:memberId": publishers((w) => w.aFreshMember,  [204, 204, 403, 403]),

  "POST /v1/organizations/:id/portal-links": subscribers((w) => w.theSubscriber,       [403, 422, 422, 403]),
  "GET /v1/organizations/:id/portal-links": subscribers((w) => w.theSubscriber,        [403, 200, 200, 200]),
  "GET /v1/organizations/:id/portal-links/:linkId": inPortal(subscribers((w) => w.aFreshPortalLink, [403, 200, 200, 200])),
  "DELETE /v1/organizations/:id/portal-links/:linkId": subscribers((w) => w.aFreshPortalLink, [403, 204, 204, 403]),

  "POST /v1/lint": unnamed(                                                             200, 200, 200, 200),
  "POST /v1/apis": unnamed(                                                             403, 422, 422, 403),
  "GET /v1/apis": unnamed(                                                              403, 200, 200, 200),
  "GET /v1/apis/:id": publishers((w) => w.anApi,                                       [403, 200, 200, 200]),
  "PATCH /v1/apis/:id": publishers((w) => w.anApi,                                     [403, 422, 422, 403]),
  "DELETE /v1/apis/:id": publishers((w) => w.aFreshApi,                                [403, 204, 204, 403]),
  "GET /v1/apis/:id/subscriptions": publishers((w) => w.anApi,                         [403, 200, 200, 200]),
  "PUT /v1/apis/:id/spec": publishers((w) => w.anApi,                                  [403, 422, 422, 403]),
  "GET /v1/apis/:id/spec": publishers((w) => w.anApi,                                  [403, 200, 200, 200]),
  "GET /v1/apis/:id/versions": publishers((w) => w.anApi,                              [403, 200, 200, 200]),
  "GET /v1/apis/:id/shares": publishers((w) => w.anApi,                                [403, 200, 200, 200]),
  "PUT /v1/apis/:id/shares/:organizationId": publishers((w) => w.anApiToShare,         [403, 422, 422, 403], ["organizationId"]),
  "DELETE /v1/apis/:id/shares/:organizationId": publishers((w) => w.aFreshShare,       [403, 204, 204, 403]),
  "POST /v1/apis/:id/credentials": publishers((w) => w.anApi,                          [403, 422, 422, 403]),
  "GET /v1/apis/:id/credentials": publishers((w) => w.anApi,                           [403, 200, 200, 200]),
  "POST /v1/apis/:id/credentials/:clientId/rotate": publishers((w) => w.anApiCredential, [403, 422, 422, 403]),
  "POST /v1/apis/:id/credentials/:clientId/tokens": publishers((w) => w.anApiCredential, [403, 422, 422, 403]),
  "DELETE /v1/apis/:id/credentials/:clientId": publishers((w) => w.aFreshApiCredential, [403, 204, 204, 403]),

  "POST /v1/apps": unnamed(                                                             403, 422, 422, 403),
  "GET /v1/apps": inPortal(unnamed(                                                     403, 200, 200, 200)),
  "GET /v1/apps/:id": inPortal(subscribers((w) => w.anApp,                             [403, 200, 200, 200])),
  "PATCH /v1/apps/:id": subscribers((w) => w.anApp,                                    [403, 422, 422, 403]),
  "DELETE /v1/apps/:id": subscribers((w) => w.aFreshApp,                               [403, 204, 204, 403]),
  "POST /v1/apps/:id/stream-tokens": subscribers((w) => w.anApp,                       [403, 422, 422, 403]),
  "POST /v1/apps/:id/credentials": subscribers((w) => w.anApp,                         [403, 422, 422, 403]),
  "GET /v1/apps/:id/credentials": subscribers((w) => w.anApp,                          [403, 200, 200, 200]),
  "POST /v1/apps/:id/credentials/:clientId/rotate": subscribers((w) => w.aFreshAppCredential, [403, 422, 422, 403]),
  "DELETE /v1/apps/:id/credentials/:clientId": subscribers((w) => w.aFreshAppCredential, [403, 204, 204, 403]),
  "POST /v1/apps/:id/subscriptions": inPortal(subscribers((w) => w.anApp,              [403, 422, 422, 403])),

  "GET /v1/subscriptions": inPortal(unnamed(                                            403, 200, 200, 200)),
  "GET /v1/subscriptions/:id": inPortal(subscribers((w) => w.aSubscription,            [403, 200, 200, 200])),
  "GET /v1/subscriptions/:id/health": inPortal(subscribers((w) => w.aSubscription,     [403, 200, 200, 200])),
  "PATCH /v1/subscriptions/:id": inPortal(subscribers((w) => w.aSubscription,          [403, 422, 422, 403])),
  "DELETE /v1/subscriptions/:id": inPortal(subscribers((w) => w.aFreshSubscription,    [403, 204, 204, 403])),
  "POST /v1/subscriptions/:id/pause": inPortal(subscribers((w) => w.aSubscription,     [403, 422, 422, 403])),
  "POST /v1/subscriptions/:id/resume": inPortal(subscribers((w) => w.aSubscription,    [403, 422, 422, 403])),
  "POST /v1/subscriptions/:id/verify": inPortal(subscribers((w) => w.aSubscription,    [403, 422, 422, 403])),
  "POST /v1/subscriptions/:id/test": inPortal(subscribers((w) => w.aSubscription,      [403, 422, 422, 403])),
  "POST /v1/subscriptions/:id/rotate-secret": inPortal(subscribers((w) => w.aSubscription, [403, 422, 422, 403])),
  "POST /v1/subscriptions/:id/approve": publishers((w) => w.aSubscription,             [403, 422, 422, 403]),
  "POST /v1/subscriptions/:id/reject": publishers((w) => w.aSubscription,              [403, 422, 422, 403]),

  "POST /v1/subscriptions/:id/seek": inPortal(subscribers((w) => w.aSubscription,      [403, 422, 422, 403])),
  "POST /v1/subscriptions/:id/retry-dead": inPortal(subscribers((w) => w.aSubscription, [403, 422, 422, 403])),
  "GET /v1/subscriptions/:id/events": pulled((w) => w.aPulledSubscription,             [403, 200, 200, 403]),
  "POST /v1/subscriptions/:id/ack": pulled((w) => w.aPulledSubscription,               [403, 422, 422, 403]),
  "GET /v1/subscriptions/:id/deliveries": inPortal(subscribers((w) => w.aSubscription, [403, 200, 200, 200])),
  "POST /v1/deliveries/:deliveryId/retry": inPortal(subscribers((w) => w.aDelivery,    [403, 422, 422, 403])),
  "POST /v1/deliveries/:deliveryId/skip": inPortal(subscribers((w) => w.aDelivery,     [403, 422, 422, 403])),
  "GET /v1/deliveries/:deliveryId": inPortal(subscribers((w) => w.aDelivery,           [403, 200, 200, 200])),
  "GET /v1/apis/:id/events": publishers((w) => w.anApi,                                [403, 200, 200, 200]),
  "GET /v1/events/:id": publishers((w) => w.anEvent,                                   [403, 200, 200, 200]),
  "GET /v1/events/:id/deliveries": audience((w) => w.anEvent,                          [403, 200, 200, 200]),

  "POST /v1/subscriptions/:id/consents": inPortal(subscribers((w) => w.aSubscription,  [403, 422, 422, 403])),
  "POST /v1/consents": unnamed(                                                         403, 422, 422, 403),
  "GET /v1/consents": inPortal(unnamed(                                                 403, 200, 200, 200)),
  "GET /v1/consents/:id": inPortal(parties((w) => w.aConsent,                          [403, 200, 200, 200])),
  "GET /v1/consents/:id/deliveries": owners((w) => w.aConsent,                         [403, 200, 200, 200]),
  "POST /v1/consents/:id/grant": owners((w) => w.aConsent,                             [403, 422, 422, 403]),
  "POST /v1/consents/:id/deny": owners((w) => w.aConsent,                              [403, 422, 422, 403]),
  "POST /v1/consents/:id/revoke": owners((w) => w.aConsent,                            [403, 422, 422, 403]),

  "GET /v1/directory": inPortal(unnamed(                                                403, 200, 200, 200)),
  "GET /v1/directory/apps": unnamed(                                                    403, 200, 200, 200),
  "GET /v1/directory/:apiId": inPortal(audience((w) => w.aVisibleApi,                  [403, 200, 200, 200]), "organization"),
  "GET /v1/directory/:apiId/versions": inPortal(audience((w) => w.aVisibleApi,         [403, 200, 200, 200]), "organization"),
  "GET /v1/directory/:apiId/asyncapi.yaml": inPortal(audience((w) => w.aVisibleApi,    [403, 200, 200, 200]), "organization"),
  "GET /v1/directory/:apiId/asyncapi.json": inPortal(audience((w) => w.aVisibleApi,    [403, 200, 200, 200]), "organization"),
  "GET /v1/audit": unnamed(                                                             200, 200, 200, 200),
  "GET /v1/notices": unnamed(                                                           200, 200, 200, 200),
  "GET /metrics": unnamed(                                                              200, 403, 403, 403),

  // What runs before other routes answers nothing itself.
  "ALL /*": everybody(404),
  "ALL /v1/*": everybody(404),
  "ALL /oauth2/default/*": everybody(404),
  "ALL /directory/*": everybody(404),
  "ALL /session/*": everybody(404),

  // What signs in and out is nobody's yet: it comes without a token in the header.
  "POST /session": everybody(415),
  "GET /session": everybody(204),
  "DELETE /session": everybody(204),
  "GET /session/options": everybody(200),
  // Without an issuer of the operator's there is none of it.
  "GET /session/oidc/start": everybody(404),
  "GET /session/oidc/callback": everybody(404),

  // The console's page says nothing of anybody: what it shows, it asks the API for.
  "GET /": everybody(200),
  "GET /sign-in": everybody(200),
  "GET /o/*": everybody(200),
  "GET /operator": everybody(200),
  "GET /operator/*": everybody(200),
  "GET /portal/:linkId/o/:organizationId/*": everybody(200),
  "GET /assets/*": everybody(404),

  "GET /healthz": everybody(200),
  "GET /mqtt": everybody(400),
  "GET /amqp": everybody(400),
  "GET /openapi.json": everybody(200),
  "GET /docs": everybody(200),
  "GET /directory": everybody(200),
  "GET /directory/:apiId": page,
  "GET /directory/:apiId/asyncapi.yaml": page,
  "GET /directory/:apiId/asyncapi.json": page,
  // Who asks for a token proves it in the request's body, or as HTTP Basic.
  "POST /oauth2/default/v1/token": everybody(400),
  "POST /v1/token": everybody(400),
  "GET /oauth2/default/v1/keys": everybody(200),
  "GET /.well-known/oauth-authorization-server/oauth2/default": everybody(200),
  "GET /oauth2/default/.well-known/openid-configuration": everybody(200),
  "GET /.well-known/webhook-keys": everybody(200),

  "GET /v1/stream/:apiId": listen,
  "GET /v1/stream/:apiId/*": listen,
  "ALL /v1/stream/:apiId": listen,
  "ALL /v1/stream/:apiId/*": listen,
  "GET /v1/apis/:apiId/export": listen,
  "ALL /v1/apis/:apiId/export": listen,
  "GET /v1/apis/:apiId/snapshot": listen,
  "ALL /v1/apis/:apiId/snapshot": listen,

  "POST /v2/events": publish,
  "POST /v2/events/*": publish,
};

const NONSENSE = '{"nonsense":1}';

const WORLD_TIMEOUT_MS = 60_000; // the first document that is registered loads AsyncAPI's parser

let world: PermissionWorld;
beforeAll(async () => {
  world = await PermissionWorld.make();
}, WORLD_TIMEOUT_MS);

function send(route: string, ids: Ids, { token }: Caller, headers: Record<string, string> = {}): Promise<Answer> {
  const [method = "", path = ""] = route.replace("ALL", "GET").split(" ");
  const filled = path.replaceAll(/:(\w+)/g, (_, name) => ids[name] ?? "missing").replace("*", "orders/created");
  const body = method === "GET" || method === "DELETE" ? {} : { text: NONSENSE };
  return world.relay.call(method, filled, { token, headers, ...body });
}

/** The statuses that all callers get, by their names. */
async function ask(statusOf: (caller: Caller) => Promise<number> | number): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const caller of world.callers) statuses[caller.name] = await statusOf(caller);
  return statuses;
}

const COLUMN: Record<Role, number> = { admin: 1, developer: 2, viewer: 3 };

/** What the table says of a caller to whom the thing is its own, or to whom everything is. */
function statusOfOwn(
  caller: Caller,
  { statuses, clients, portal }: Pick<Row & { kind: "named" }, "statuses" | "clients" | "portal">,
): number {
  if (caller.kind === "operator") return statuses[0];
  if (caller.kind === "publisher's client" || caller.kind === "app's client") return clients?.[caller.kind] ?? 401;
  if (caller.kind === "portal") return portal ? (statuses[COLUMN[caller.role]] ?? 0) : 403;
  return caller.kind === "member" ? (statuses[COLUMN[caller.role]] ?? 0) : 401;
}

/** What it says of a thing that is not there: a member is never told more than that. */
function statusOfMissing(caller: Caller, row: Row & { kind: "named" }): number {
  if (caller.kind === "operator") return row.statuses[0] === 403 ? 403 : 404;
  if (caller.kind === "publisher's client" || caller.kind === "app's client") return statusOfOwn(caller, row);
  if (caller.kind === "portal") return row.portal ? 404 : 403;
  return caller.kind === "member" ? 404 : 401;
}

function isForeign(caller: Caller, row: Row & { kind: "named" }): boolean {
  if (caller.kind === "portal" && row.portal === "app") return !caller.isOfApp;
  if (caller.kind === "portal" && !row.portal) return false;
  return (caller.kind === "member" || caller.kind === "portal") && !row.of.includes(caller.organization);
}

/** All of an answer that could tell one from another. */
const wholeOf = ({ status, text, headers }: Answer) => ({
  ...{ status, text },
  headers: [...headers].filter(([name]) => name !== "x-request-id"),
});

/** The name of nothing. */
const newIdOf = (name: string): string =>
  name === "deliveryId" ? `${crypto.randomUUID()}.${crypto.randomUUID()}` : crypto.randomUUID();

async function checkNamed(route: string, row: Row & { kind: "named" }): Promise<void> {
  const things = row.things(world);
  const expected = (caller: Caller): number => (isForeign(caller, row) ? 404 : statusOfOwn(caller, row));
  let ids = await things();
  const given = await ask(async (caller) => {
    const { status } = await send(route, ids, caller);
    if (status === 204) ids = await things();
    return status;
  });
  expect(given).toEqual(await ask(expected));

  for (const name of Object.keys(ids).filter((each) => !row.beside.includes(each))) {
    const missing = { ...ids, [name]: newIdOf(name) };
    const answered = await ask(async (caller) => (await send(route, missing, caller)).status);
    expect(answered, `no such ${name}`).toEqual(await ask((caller) => statusOfMissing(caller, row)));
  }
}

async function checkHidden(route: string, row: Row & { kind: "named" }): Promise<void> {
  const ids = await row.things(world)();
  const missing = Object.fromEntries(Object.keys(ids).map((name) => [name, newIdOf(name)]));
  for (const caller of world.callers.filter((each) => isForeign(each, row))) {
    const [foreign, notThere] = [await send(route, ids, caller), await send(route, missing, caller)];
    expect(wholeOf(foreign), caller.name).toEqual(wholeOf(notThere));
  }
}

async function check(route: string, row: Row): Promise<void> {
  switch (row.kind) {
    case "named":
      await checkNamed(route, row);
      return checkHidden(route, row);
    case "unnamed": {
      const given = await ask(async (caller) => (await send(route, {}, caller)).status);
      return expect(given).toEqual(await ask((caller) => statusOfOwn(caller, row)));
    }
    case "public": {
      const given = await ask(async (caller) => (await send(route, {}, caller)).status);
      return expect(given).toEqual(await ask(() => row.status));
    }
    case "page": {
      const { publicApi, api } = world;
      for (const [apiId, status] of [
        [publicApi.id, 200],
        [api.id, 404],
        [crypto.randomUUID(), 404],
      ] as const) {
        const given = await ask(async (caller) => (await send(route, { apiId }, caller)).status);
        expect(given).toEqual(await ask(() => status));
      }
      return;
    }
    case "publish": {
      const json = { "Content-Type": "application/json" };
      const given = await ask(async (caller) => (await send(route, {}, caller, json)).status);
      const opens = {
        "publisher's client": 200,
        "app's client": 403,
        operator: 401,
        member: 401,
        portal: 401,
        nobody: 401,
      };
      return expect(given).toEqual(await ask((caller) => opens[caller.kind]));
    }
    case "listen": {
      const { api } = world;
      for (const apiId of [api.id, crypto.randomUUID()]) {
        const given = await ask(async (caller) => (await send(route, { apiId }, caller)).status);
        const opens = {
          "publisher's client": 403,
          "app's client": 403,
          operator: 401,
          member: 401,
          portal: 401,
          nobody: 401,
        };
        expect(given).toEqual(await ask((caller) => opens[caller.kind]));
      }
      return;
    }
  }
}

describe("every route answers each caller as the table says", () => {
  const routes = new Relay().routes();

  it.each(routes)("%s", async (route) => {
    const row = TABLE[route];
    if (!row) throw new Error(`the table has no row for ${route}`);
    await check(route, row);
  });

  it("and the table has no other rows", () => {
    expect(Object.keys(TABLE).filter((route) => !routes.includes(route))).toEqual([]);
  });
});
