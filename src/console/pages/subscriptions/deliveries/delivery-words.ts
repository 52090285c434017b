import type { Delivery } from "../subscription-types.ts";

/** What a delivery's state means, in a sentence or two. */
export function explainDelivery({
  status,
  partitionKey,
  attempts,
}: Pick<Delivery, "status" | "partitionKey" | "attempts">): string {
  switch (status) {
    case "waiting":
      return attempts.length > 0
        ? "It is on its way again."
        : "Its turn has not come yet, or it is being sent just now.";
    case "failing":
      return partitionKey === null
        ? "It has failed and is tried again. It has no key, so nothing waits for it."
        : `It has failed and is tried again. Later events of ${partitionKey} wait for it.`;
    case "blocked":
      return `An earlier event of ${partitionKey ?? "its key"} is failing, and this one waits for it.`;
    case "delivered":
      return "Your endpoint took it.";
    case "dead":
      return "It was given up after its last attempt. It is kept, and can be retried.";
    case "skipped":
      return "Somebody has skipped it. It is kept, and can be retried.";
  }
}
