import type { RateLimit, StartPosition } from "../../src/domain/subscription.ts";
import { API_ID, DATA_OWNERS, type Organization, PUBLISHER, SUBSCRIBERS, type SubscriberOrganization } from "./cast.ts";
import type { Chaos } from "./chaos.ts";
import type { Oracle } from "./oracle.ts";
import type { Field, Promises } from "./promises.ts";
import type { RegistryMachine } from "./registry-machine.ts";
import type { Answer, Relay, Request } from "./relay.ts";
import type { Scheduler } from "./scheduler.ts";
import { EVERYTHING, WISHES, type Wish } from "./wishes.ts";

type SubscribersParts = {
  time: Scheduler;
  chaos: Chaos;
  oracle: Oracle;
  registry: RegistryMachine;
  relay: Relay;
  promises: Promises;
  /** Consumers of this subscription begin to fetch its events. */
  startPulling(id: string): void;
};

type Subscribed = { id: string; who: SubscriberOrganization; isPulled: boolean };

/**
 * The people of a run: subscribers, data owners and the publisher, who change things through the management API. Whoever
 * gets no answer, or hears that it went wrong, asks again; some lose patience.
 */
export class Subscribers {
  readonly #parts: SubscribersParts;
  readonly #subscribed: Subscribed[] = [];
  readonly #consentIds = new Map<string, string>();
  #joined = 0;

  constructor(parts: SubscribersParts) {
    this.#parts = parts;
  }

  get ids(): string[] {
    return this.#subscribed.map(({ id }) => id);
  }

  /** null: nobody subscribes yet. */
  pick(): string | null {
    return this.ids[this.#parts.chaos.int(0, this.ids.length - 1)] ?? null;
  }

  /** Where a subscription asked to begin. */
  startOf(id: string): StartPosition {
    const [row] = this.#parts.registry.rows<{ start: string }>("SELECT start FROM subscription WHERE id = ?", id);
    return row ? JSON.parse(row.start) : "latest";
  }

  // Subscriptions

  /** The next organization subscribes, and gets some consents. */
  async join(start: StartPosition): Promise<void> {
    const { chaos, promises } = this.#parts;
    const who = SUBSCRIBERS[this.#joined++];
    if (!who) return;
    const wish = chaos.chance(0.4) ? this.#pickWish() : EVERYTHING;
    const maxAttempts = chaos.chance(0.3) ? 3 : null;
    const isPulled = chaos.chance(0.3);
    const body = {
      ...{ apiId: API_ID, start, filter: wish.filter && JSON.parse(wish.filter) },
      endpoint: isPulled ? null : `http://receiver.test/${who.name}`,
      rateLimit: !isPulled && chaos.chance(0.25) ? this.#pickRate() : null,
      maxInFlight: !isPulled && chaos.chance(0.25) ? chaos.int(1, 3) : null,
      retry: { initialSeconds: 1, multiplier: 2, maxDelaySeconds: 60, maxAttempts },
    };
    const request: Request = {
      by: who.organization,
      method: "POST",
      path: `/v1/apps/${who.appId}/subscriptions`,
      body,
    };
    const answer = await this.#insist({ ...request, idempotencyKey: who.name });
    const { id } = JSON.parse(answer.body);
    this.#subscribed.push({ id, who, isPulled });
    if (isPulled) this.#parts.startPulling(id);
    promises.first(id, "shared", true);
    promises.first(id, "active", true);
    promises.first(id, "filter", wish.filter);
    for (const owner of DATA_OWNERS) if (owner === DATA_OWNERS[0] || chaos.chance(0.8)) await this.#grant(id, owner);
  }

  async pause(id: string): Promise<void> {
    await this.#change(id, "active", false, this.#action(id, "pause"));
  }

  async resume(id: string): Promise<void> {
    await this.#change(id, "active", true, this.#action(id, "resume"));
  }

  async changeFilter(id: string): Promise<void> {
    const { filter } = this.#pickWish();
    await this.#change(id, "filter", filter, this.#patch(id, { filter: filter && JSON.parse(filter) }));
  }

  /** What a consumer that fetches events itself gives back untried, the oracle does not count. */
  async changeRate(id: string): Promise<void> {
    if (this.#subscribed.some((one) => one.id === id && one.isPulled)) return;
    await this.#ask(this.#patch(id, { rateLimit: this.#parts.chaos.chance(0.5) ? this.#pickRate() : null }));
  }

  /** Replays from a time, or from an event; in every log that has it, once that is answered. */
  async seek(id: string, to: string): Promise<void> {
    const { oracle, promises } = this.#parts;
    const isShared = (): boolean => promises.of(id, "shared") === true;
    const wasShared = isShared();
    const epochs = (): Map<string, number> =>
      new Map(oracle.watched.filter((w) => w.id === id).map((w) => [w.log, w.epoch]));
    const before = epochs();
    const outcome = await this.#ask(this.#action(id, "seek", { to }));
    // Whoever comes back to a log goes on from then on.
    if (outcome !== "answered" || !wasShared || !isShared()) return;
    for (const [log, epoch] of epochs()) {
      const earlier = before.get(log);
      if (earlier !== undefined && earlier >= epoch) oracle.fail("answered", `${id} did not seek in ${log}`);
    }
  }

  /** An endpoint has answered 410: nobody knows what becomes of the status, until somebody resumes it. */
  async disable(id: string): Promise<void> {
    const { chaos, promises, relay, time } = this.#parts;
    const claim = promises.begin(id, "active");
    await relay.disable(id);
    claim.end();
    await time.sleep(chaos.int(1, 60_000));
    await this.resume(id);
  }

  // The publisher

  /** Takes the API away from a subscriber, whose subscription ends with all consents. */
  async unshare(id: string): Promise<void> {
    await this.#change(id, "shared", false, { by: PUBLISHER, method: "DELETE", path: this.#sharePath(id) });
  }

  async share(id: string): Promise<void> {
    await this.#change(id, "shared", true, { by: PUBLISHER, method: "PUT", path: this.#sharePath(id) });
  }

  async changeAccess(access: "open" | "consent"): Promise<void> {
    await this.#change(API_ID, "access", access, this.#patchApi({ access }));
  }

  async changeApi(settings: object): Promise<void> {
    await this.#ask(this.#patchApi(settings));
  }

  #patchApi = (body: object): Request => ({ by: PUBLISHER, method: "PATCH", path: `/v1/apis/${API_ID}`, body });

  /** Spreads the topic over more logs. */
  async spread(shards: number): Promise<void> {
    const [known] = this.#parts.registry.rows<{ shards: number }>("SELECT shards FROM api");
    if (known && known.shards < shards) await this.changeApi({ shards });
  }

  // Data owners

  /** Withdraws a consent that stands, gives one that does not. */
  async changeConsent(id: string): Promise<void> {
    const owner = DATA_OWNERS[this.#parts.chaos.int(1, 2)];
    if (!owner) return;
    const untilMs = this.#parts.promises.of(id, `consent ${owner.id}`);
    if (typeof untilMs === "number" && untilMs > this.#parts.time.nowMs) await this.#revoke(id, owner);
    else await this.#grant(id, owner);
  }

  async #grant(id: string, owner: Organization): Promise<void> {
    const { chaos, time, oracle } = this.#parts;
    const expires = owner !== DATA_OWNERS[0] && chaos.chance(0.2);
    const expiresMs = expires ? time.nowMs + chaos.int(1_000, 200_000) : null;
    const body = { subscriptionId: id, expiresAt: expiresMs === null ? undefined : new Date(expiresMs).toISOString() };
    for (const w of oracle.watched) if (w.id === id) w.revoked.delete(owner.id);
    const request: Request = { by: owner, method: "POST", path: "/v1/consents", body };
    const keep = ({ body: text }: Answer) => this.#consentIds.set(`${id} ${owner.id}`, JSON.parse(text).id);
    await this.#change(id, `consent ${owner.id}`, expiresMs ?? Number.POSITIVE_INFINITY, request, keep);
  }

  async #revoke(id: string, owner: Organization): Promise<void> {
    const consentId = this.#consentIds.get(`${id} ${owner.id}`);
    const path = `/v1/consents/${consentId}/revoke`;
    await this.#change(id, `consent ${owner.id}`, null, { by: owner, method: "POST", path });
  }

  // How people ask

  async #change(
    id: string,
    field: Field,
    value: boolean | string | number | null,
    request: Request,
    keep: (answer: Answer) => void = () => {},
  ): Promise<void> {
    const claim = this.#parts.promises.begin(id, field);
    const outcome = await this.#ask(request, keep);
    if (outcome === "answered") claim.end(value);
    else claim.end();
  }

  /** Asks until there is an answer; while there are faults, some give up. */
  async #ask(request: Request, keep: (answer: Answer) => void = () => {}): Promise<"answered" | "refused" | "unknown"> {
    const { chaos, relay, time } = this.#parts;
    for (;;) {
      const answer = await relay.request(request);
      if (answer && answer.status < 300) {
        keep(answer);
        return "answered";
      }
      if (answer && answer.status < 500) return "refused";
      if (chaos.fault(0.2)) return "unknown";
      await time.sleep(chaos.int(100, 8_000));
    }
  }

  async #insist(request: Request): Promise<Answer> {
    for (;;) {
      let answer: Answer | null = null;
      const outcome = await this.#ask(request, (it) => {
        answer = it;
      });
      if (answer) return answer;
      if (outcome === "refused") this.#parts.oracle.fail("refused", `${request.method} ${request.path}`);
      await this.#parts.time.sleep(1_000);
    }
  }

  #action(id: string, action: string, body?: object): Request {
    return { by: this.#who(id).organization, method: "POST", path: `/v1/subscriptions/${id}/${action}`, body };
  }

  #patch(id: string, body: object): Request {
    return { by: this.#who(id).organization, method: "PATCH", path: `/v1/subscriptions/${id}`, body };
  }

  #sharePath = (id: string): string => `/v1/apis/${API_ID}/shares/${this.#who(id).organization.id}`;

  #who(id: string): SubscriberOrganization {
    const subscribed = this.#subscribed.find((one) => one.id === id);
    if (!subscribed) throw new Error(`nobody has ${id}`);
    return subscribed.who;
  }

  #pickWish(): Wish {
    return WISHES[this.#parts.chaos.int(0, WISHES.length - 1)] ?? EVERYTHING;
  }

  #pickRate(): RateLimit {
    const { chaos } = this.#parts;
    return { perSecond: chaos.int(5, 40) / 10, burst: chaos.int(1, 8) };
  }
}
