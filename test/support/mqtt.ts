import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";

export type Credentials = { user: string; password: string };
export type Version = 4 | 5;

/** A client of the package `mqtt`, with all that it was sent. It does not connect again by itself. */
export class MqttPeer {
  readonly client: MqttClient;
  readonly received: IPublishPacket[] = [];
  /** Reason codes of DISCONNECTs, which only MQTT 5 gets. */
  readonly reasons: (number | undefined)[] = [];

  constructor(origin: string, { user, password }: Credentials, options: IClientOptions = {}) {
    this.client = mqtt.connect(`${origin.replace(/^http/, "ws")}/mqtt`, {
      username: user,
      password,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      ...options,
    });
    this.client.on("packetreceive", (packet) => {
      if (packet.cmd === "publish") this.received.push(packet);
      if (packet.cmd === "disconnect") this.reasons.push(packet.reasonCode);
    });
    // Each test looks for what it expects; without a listener an error would end the process.
    this.client.on("error", () => {});
  }

  /** Whether the session that was kept goes on. Rejects where the CONNECT is refused. */
  connected(): Promise<{ sessionPresent: boolean }> {
    return new Promise((resolve, reject) => {
      this.client.once("connect", ({ sessionPresent }) => resolve({ sessionPresent }));
      this.client.once("error", reject);
      this.client.once("close", () => reject(new Error("closed")));
    });
  }

  closed(): Promise<void> {
    return new Promise((resolve) => void this.client.once("close", () => resolve()));
  }

  get bodies(): unknown[] {
    return this.received.map(({ payload }) => JSON.parse(String(payload)));
  }

  /** Cuts the socket behind so many events, the last of which it has answered, or not. */
  cutBehind(events: number, { isAnswered }: { isAnswered: boolean }): Promise<void> {
    let left = events;
    this.client.handleMessage = (_packet, answer) => {
      left--;
      if (left > 0 || isAnswered) answer();
      // The answer goes out first.
      if (left === 0) setImmediate(() => this.client.stream.destroy());
    };
    return this.closed();
  }

  /** Cuts the socket without a word. */
  async cut(): Promise<void> {
    await new Promise((resolve) => this.client.end(true, {}, resolve));
  }
}
