/** As much of the package as the tests use: it brings no types of its own. */
declare module "paho-mqtt" {
  type Connecting = {
    userName: string;
    password: string;
    mqttVersion: 4;
    onSuccess(value?: unknown): void;
    onFailure(failure: { errorMessage: string }): void;
  };
  class Client {
    constructor(host: string, port: number, path: string, clientId: string);
    onMessageArrived: (message: { payloadString: string }) => void;
    connect(options: Connecting): void;
    subscribe(
      filter: string,
      options: { qos: 0 | 1; onSuccess(value?: unknown): void; onFailure(failure: unknown): void },
    ): void;
    send(topic: string, payload: string, qos: 0 | 1): void;
    disconnect(): void;
  }
  const paho: { Client: typeof Client };
  // biome-ignore lint/style/noDefaultExport: that is how the package exports it.
  export default paho;
}
