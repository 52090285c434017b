/** The address that an event of a channel is published to, as a path of the relay. */
export const publishPath = (channel: string): string =>
  `/v2/events/${channel.split("/").map(encodeURIComponent).join("/")}`;
