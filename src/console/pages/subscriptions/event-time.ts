/** When an event was accepted: its id is a UUID of version 7, which begins with that moment in ms (RFC 9562 §5.7). */
export const acceptedAtOf = (eventId: string): string =>
  new Date(Number.parseInt(eventId.replaceAll("-", "").slice(0, 12), 16)).toISOString();
