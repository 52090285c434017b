import type { ListedSubscription } from "./subscription-types.ts";

export type ListFilter = { q?: string; status?: string };

/** The subscriptions of a state in which every one of some words stands somewhere. */
export function narrowList(all: ListedSubscription[], { q = "", status = "" }: ListFilter): ListedSubscription[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    const text = [one.apiTitle, one.publisherName, one.appName, one.endpoint, one.description, one.id]
      .join("\n")
      .toLowerCase();
    return (status === "" || one.status === status) && words.every((word) => text.includes(word));
  });
}
