import { authorizationServer } from "../../../src/oauth/authorization-server.ts";
import { mintDeliveryToken } from "../../../src/oauth/tokens.ts";
import { type Json, OPERATOR, type Organization, Relay } from "./relay.ts";

const ROLES = ["admin", "developer", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** The organizations of the world: who publishes, who subscribes, whom the events are about, and one that has to do with none of it. */
export const ORGANIZATIONS = ["publisher", "subscriber", "owner", "stranger"] as const;
export type OrganizationName = (typeof ORGANIZATIONS)[number];

/** Whoever may send a request. */
export type Caller = {
  name: string;
  token: string | null;
} /** `isOfApp`: for the app whose subscription the world has. */ & (
  | { kind: "portal"; organization: OrganizationName; isOfApp: boolean; role: "developer" | "viewer" }
  | { kind: "nobody" | "operator" | "publisher's client" | "app's client" }
  | { kind: "member"; organization: OrganizationName; role: Role }
);

type Ids = Record<string, string>;

/** One thing of each kind that routes name, with the organizations around it and all who may call. */
export class PermissionWorld {
  readonly relay: Relay;
  readonly organizations: Record<OrganizationName, Organization>;
  readonly callers: Caller[] = [];
  /** Private, its access is by consent, and shared with the subscriber. */
  api: Json;
  /** Public and open, with one channel. */
  publicApi: Json;
  subscription: Json;
  consent: Json;
  /** Of the private API. */
  eventId = "";

  private constructor(relay: Relay, organizations: Record<OrganizationName, Organization>) {
    this.relay = relay;
    this.organizations = organizations;
  }

  static async make(): Promise<PermissionWorld> {
    const relay = new Relay();
    const [publisher, subscriber, owner, stranger] = [
      await relay.organization("Publisher"),
      await relay.organization("Subscriber"),
      await relay.organization("Owner"),
      await relay.organization("Stranger"),
    ];
    const world = new PermissionWorld(relay, { publisher, subscriber, owner, stranger });
    world.publicApi = await publisher.api(["orders/created"], { visibility: "public" });
    world.api = await publisher.api(["orders/created"], { access: "consent" });
    await publisher.call("PUT", `/v1/apis/${world.api.id}/shares/${subscriber.id}`);
    world.subscription = await subscriber.subscription(world.api.id);
    const asked = { body: { dataOwnerId: owner.id } };
    world.consent = (await subscriber.call("POST", `/v1/subscriptions/${world.subscription.id}/consents`, asked)).body;
    world.eventId = await relay.event(world.api.id);
    await world.#callMembers();
    await world.#callPortals();
    await world.#callOthers();
    return world;
  }

  async #callMembers(): Promise<void> {
    for (const organization of ORGANIZATIONS) {
      for (const role of ROLES) {
        const { token } = await this.organizations[organization].tokenFor(role);
        this.callers.push({ name: `${organization}'s ${role}`, kind: "member", organization, role, token });
      }
    }
  }

  async #callPortals(): Promise<void> {
    const { subscriber, stranger } = this.organizations;
    const { appId } = this.subscription;
    const portals = [
      { name: "a developer's portal", organization: "subscriber", appId, role: "developer" },
      { name: "a viewer's portal", organization: "subscriber", appId, role: "viewer" },
      {
        name: "a portal of another app",
        organization: "subscriber",
        appId: (await subscriber.app()).id,
        role: "developer",
      },
      { name: "a stranger's portal", organization: "stranger", appId: (await stranger.app()).id, role: "developer" },
    ] as const;
    for (const { name, organization, role, ...app } of portals) {
      const { token } = await this.#portalLink(organization, { appId: app.appId, role });
      this.callers.push({ name, kind: "portal", organization, isOfApp: app.appId === appId, role, token });
    }
    const revoked = await this.#portalLink("subscriber", { appId });
    await subscriber.call("DELETE", `/v1/organizations/${subscriber.id}/portal-links/${revoked.id}`);
    const expired = await this.#portalLink("subscriber", { appId, ttlSeconds: 1 });
    this.relay.clock.nowMs += 1_000;
    this.callers.push(
      { name: "a revoked portal", kind: "nobody", token: revoked.token },
      { name: "an expired portal", kind: "nobody", token: expired.token },
    );
  }

  async #portalLink(organization: OrganizationName, body: Json): Promise<{ id: string; token: string }> {
    const made = await this.organizations[organization].portalLink(body);
    return { id: made.id, token: made.url.split("#")[1] };
  }

  async #callOthers(): Promise<void> {
    const { publisher } = this.organizations;
    const revoked = await publisher.tokenFor("admin");
    await publisher.call("DELETE", `/v1/organizations/${publisher.id}/tokens/${revoked.id}`);
    const soon = new Date(this.relay.clock.nowMs + 1).toISOString();
    const expired = await publisher.tokenFor("admin", soon);
    this.relay.clock.nowMs += 1;
    const app = (await this.organizations.subscriber.call("POST", "/v1/apps", { body: { name: "Reader" } })).body;
    const { clientId, clientSecret } = this.publicApi.credentials;
    const delivery = await mintDeliveryToken(authorizationServer(this.relay.env, this.relay.clock), app.apiKey);
    if (!delivery.ok) throw new Error(delivery.error.reason);
    this.callers.push(
      { name: "the operator", kind: "operator", token: OPERATOR },
      { name: "nobody", kind: "nobody", token: null },
      { name: "garbage", kind: "nobody", token: "rk_garbage" },
      { name: "a revoked token", kind: "nobody", token: revoked.token },
      { name: "an expired token", kind: "nobody", token: expired.token },
      { name: "a delivery token", kind: "nobody", token: delivery.value.token },
      { name: "a publisher", kind: "publisher's client", token: await this.#accessToken(clientId, clientSecret) },
      { name: "an app", kind: "app's client", token: await this.#accessToken(app.apiKey, app.apiSecret) },
    );
  }

  async #accessToken(clientId: string, clientSecret: string): Promise<string> {
    const fields = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    const headers = { "Content-Type": "application/json" };
    const answer = await this.relay.call("POST", "/v1/token", { token: null, headers, body: fields });
    return answer.body.access_token;
  }

  // The things that a route names, by the names of its parameters. What a DELETE names is made for it.

  readonly anOrganization = async (): Promise<Ids> => ({ id: this.organizations.publisher.id });

  readonly aFreshToken = async (): Promise<Ids> => {
    const { publisher } = this.organizations;
    return { id: publisher.id, tokenId: (await publisher.tokenFor("viewer")).id };
  };

  readonly aFreshMember = async (): Promise<Ids> => {
    const { publisher } = this.organizations;
    const body = { email: `${crypto.randomUUID()}@example.com`, role: "viewer" };
    const made = await publisher.call("POST", `/v1/organizations/${publisher.id}/members`, { body });
    return { id: publisher.id, memberId: made.body.id };
  };

  readonly aFreshPortalLink = async (): Promise<Ids> => {
    const { subscriber } = this.organizations;
    return { id: subscriber.id, linkId: (await subscriber.portalLink({ appId: this.subscription.appId })).id };
  };

  readonly theSubscriber = async (): Promise<Ids> => ({ id: this.organizations.subscriber.id });

  readonly anApi = async (): Promise<Ids> => ({ id: this.api.id });

  readonly aFreshApi = async (): Promise<Ids> => ({ id: (await this.organizations.publisher.api(["a"])).id });

  readonly anApiToShare = async (): Promise<Ids> => ({
    id: this.api.id,
    organizationId: this.organizations.owner.id,
  });

  readonly aFreshShare = async (): Promise<Ids> => {
    const ids = { id: this.publicApi.id, organizationId: this.organizations.owner.id };
    await this.organizations.publisher.call("PUT", `/v1/apis/${ids.id}/shares/${ids.organizationId}`);
    return ids;
  };

  readonly anApiCredential = async (): Promise<Ids> => ({
    id: this.api.id,
    clientId: this.api.credentials.clientId,
  });

  readonly aFreshApiCredential = async (): Promise<Ids> => {
    const made = await this.organizations.publisher.call("POST", `/v1/apis/${this.api.id}/credentials`, { body: {} });
    return { id: this.api.id, clientId: made.body.clientId };
  };

  readonly anApp = async (): Promise<Ids> => ({ id: this.subscription.appId });

  readonly aFreshApp = async (): Promise<Ids> => ({ id: (await this.organizations.subscriber.app()).id });

  readonly aFreshAppCredential = async (): Promise<Ids> => {
    const path = `/v1/apps/${this.subscription.appId}/credentials`;
    const made = await this.organizations.subscriber.call("POST", path, { body: {} });
    return { id: this.subscription.appId, clientId: made.body.apiKey };
  };

  readonly aSubscription = async (): Promise<Ids> => ({ id: this.subscription.id });

  readonly aPulledSubscription = async (): Promise<Ids> => ({
    id: (await this.organizations.subscriber.subscription(this.publicApi.id, { endpoint: null })).id,
  });

  readonly aFreshSubscription = async (): Promise<Ids> => {
    const body = { apiId: this.publicApi.id, endpoint: "https://receiver.example/hook" };
    const path = `/v1/apps/${this.subscription.appId}/subscriptions`;
    return { id: (await this.organizations.subscriber.call("POST", path, { body })).body.id };
  };

  readonly anEvent = async (): Promise<Ids> => ({ id: this.eventId });

  readonly aDelivery = async (): Promise<Ids> => ({ deliveryId: `${this.subscription.id}.${this.eventId}` });

  readonly aConsent = async (): Promise<Ids> => ({ id: this.consent.id });

  readonly aVisibleApi = async (): Promise<Ids> => ({ apiId: this.api.id });
}
