import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/role.ts";
import { Button } from "../../parts/button.tsx";
import { SelectField } from "../../parts/field.tsx";
import { Note, ProblemNote } from "../../parts/note.tsx";
import styles from "./subscription.module.css";
import type { ListedSubscription } from "./subscription-types.ts";
import { type TestAnswer, TestResult } from "./test-result.tsx";

export const TEST_LEAD =
  "Sends one signed sample, made from the API's own examples, with the header Event-Test: true. It is sent once, and changes nothing.";

/** A signed sample sent to the endpoint now, and what came back. It is no event: nothing is retried, nothing is stored. */
export function TestDelivery({ subscription }: { subscription: ListedSubscription }) {
  const [chosen, setChosen] = useState("");
  const [answer, setAnswer] = useState<(TestAnswer & { channel: string }) | null>(null);
  const mayWrite = useMay("developer");
  const addresses = useChannels(subscription);
  const testing = api.useMutation("post", "/v1/subscriptions/{id}/test");
  const channel = chosen === "" ? (addresses[0] ?? "") : chosen;
  const send = (): void =>
    testing.mutate(
      { params: { path: { id: subscription.id } }, body: channel === "" ? {} : { channel } },
      { onSuccess: (data) => setAnswer({ ...data, channel }), onError: () => setAnswer(null) },
    );
  const refusal = sayWhyNot(subscription);
  if (refusal !== null) return <Note>{refusal}</Note>;
  return (
    <div className={styles.stack}>
      <div className={styles.test}>
        {addresses.length > 1 && (
          <SelectField
            label="Sample of channel"
            value={channel}
            onChange={({ target }) => setChosen(target.value)}
            options={addresses.map((address) => ({ value: address, label: address }))}
          />
        )}
        {mayWrite && (
          <Button isBusy={testing.isPending} onClick={send}>
            {answer ? "Send another" : "Send a test event"}
          </Button>
        )}
      </div>
      <div aria-live="polite">
        {testing.error && <ProblemNote error={testing.error} />}
        {answer && !testing.isPending && (
          <TestResult subscription={subscription} channel={answer.channel} answer={answer} />
        )}
      </div>
    </div>
  );
}

/** Why no sample can be sent as things are. */
function sayWhyNot({ status, apiVisible }: ListedSubscription): string | null {
  if (status === "unverified") return "Your endpoint has to agree first: a sample goes only where events may go.";
  if (status === "rejected") return "The API's publisher has rejected this subscription.";
  return apiVisible ? null : "The API is hidden from you now, and its samples with it.";
}

/** The channels that a subscription has of its API as it is now. */
function useChannels({ apiId, channels, apiVisible }: ListedSubscription): string[] {
  const query = api.useQuery("get", "/v1/directory/{apiId}", { params: { path: { apiId } } }, { enabled: apiVisible });
  const addresses = query.data?.channels.map(({ address }) => address) ?? [];
  return addresses.filter((address) => channels?.includes(address) ?? true);
}
