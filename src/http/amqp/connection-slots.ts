/** How many connections of a protocol an isolate holds, in all and of each client. */
export class ConnectionSlots {
  readonly #connectionsMax: number;
  readonly #perClientMax: number;
  readonly #byClient = new Map<string, number>();
  #count = 0;

  constructor(connectionsMax: number, perClientMax: number) {
    this.#connectionsMax = connectionsMax;
    this.#perClientMax = perClientMax;
  }

  get isFull(): boolean {
    return this.#count >= this.#connectionsMax;
  }

  /** Takes a place for a connection whose client is not known yet. */
  enter(): ConnectionSlot {
    this.#count++;
    let client: string | null = null;
    let hasLeft = false;
    return {
      claim: (clientId) => {
        const held = this.#byClient.get(clientId) ?? 0;
        if (hasLeft || client !== null || held >= this.#perClientMax) return false;
        this.#byClient.set(clientId, held + 1);
        client = clientId;
        return true;
      },
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        this.#count--;
        const held = client === null ? 0 : (this.#byClient.get(client) ?? 0);
        if (client !== null && held > 1) this.#byClient.set(client, held - 1);
        else if (client !== null) this.#byClient.delete(client);
      },
    };
  }
}

export type ConnectionSlot = {
  /** Counts the connection for its client, once that is known; false: the client has as many as it may. */
  claim(clientId: string): boolean;
  leave(): void;
};
