import { Users } from "lucide-react";
import type { Row } from "../../api/answer.ts";
import { api as relay } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { useRefresh } from "../../api/refresh.ts";
import { useMay } from "../../api/role.ts";
import { StateBadge } from "../../parts/badge.tsx";
import { Button, LinkButton } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Empty } from "../../parts/note.tsx";
import { Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { say, sayFailure } from "../../parts/toast.tsx";
import type { Api } from "./api-types.ts";
import { TheApi, useApiParams } from "./the-api.tsx";

type Subscriber = Row<"/v1/apis/{id}/subscriptions">;

/** Who gets the API's events, and who asks to. */
export const ApiSubscribers = () => <TheApi>{(api) => <SubscriberList api={api} />}</TheApi>;

function SubscriberList({ api }: { api: Api }) {
  const mayDecide = useMay("developer");
  const query = relay.useInfiniteQuery(
    "get",
    "/v1/apis/{id}/subscriptions",
    { params: { path: { id: api.id } } },
    PAGED,
  );
  return (
    <Section
      title="Subscribers"
      lead={
        api.approval === "manual"
          ? "Whoever subscribes waits here for your decision."
          : "Whoever subscribes begins at once; the settings can make them wait for your approval."
      }
      isFlush
    >
      <Paged query={query} what="the subscribers" empty={<NoSubscribers api={api} />}>
        {(rows) => (
          <Table
            caption="Subscribers"
            columns={columnsFor(mayDecide)}
            rows={rows.toSorted((a, b) => Number(isPending(b)) - Number(isPending(a)))}
            keyOf={({ id }) => id}
          />
        )}
      </Paged>
    </Section>
  );
}

const isPending = ({ status }: Subscriber): boolean => status === "pending";

function NoSubscribers({ api }: { api: Api }) {
  const params = useApiParams();
  const isPrivate = api.visibility === "private";
  return (
    <Empty
      icon={Users}
      title="Nobody subscribes yet"
      actions={
        isPrivate && (
          <LinkButton to="/o/$organizationId/apis/$apiId/settings" params={params}>
            Say who may see it
          </LinkButton>
        )
      }
    >
      {isPrivate
        ? "The API is private: nobody but your organization sees it. Make it public, or share it with those who need it."
        : "Others find the API in the directory and subscribe there."}
    </Empty>
  );
}

function columnsFor(mayDecide: boolean): Column<Subscriber>[] {
  const columns: Column<Subscriber>[] = [
    { label: "App", cell: ({ app }) => app.name },
    { label: "Organization", cell: ({ organizationName }) => organizationName },
    { label: "Channels", cell: ({ channels }) => (channels === null ? "all" : channels.join(", ")) },
    { label: "State", cell: ({ status }) => <StateBadge state={status} /> },
    { label: "Since", cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
  if (!mayDecide) return columns;
  return [...columns, { label: "", isEnd: true, cell: (row) => <Decision subscriber={row} /> }];
}

/** An approved one can be rejected too, and a rejected one approved. */
function Decision({ subscriber: { id, app, status } }: { subscriber: Subscriber }) {
  const refresh = useRefresh();
  const approving = relay.useMutation("post", "/v1/subscriptions/{id}/approve", {
    onSuccess: async () => {
      await refresh("/v1/apis/{id}/subscriptions");
      say(`${app.name} gets events from now on`);
    },
    onError: (error) => sayFailure(`${app.name} could not be approved`, error),
  });
  const rejecting = relay.useMutation("post", "/v1/subscriptions/{id}/reject");
  const reject = async (): Promise<void> => {
    await rejecting.mutateAsync({ params: { path: { id } }, body: {} });
    await refresh("/v1/apis/{id}/subscriptions");
    say(`${app.name} is rejected`);
  };
  return (
    <>
      {(status === "pending" || status === "rejected") && (
        <Button
          size="small"
          isBusy={approving.isPending}
          onClick={() => approving.mutate({ params: { path: { id } }, body: {} })}
        >
          Approve
        </Button>
      )}{" "}
      {status !== "rejected" && (
        <Confirm
          title={`Reject ${app.name}?`}
          verb="Reject"
          trigger={(ask) => (
            <Button size="small" onClick={ask}>
              Reject
            </Button>
          )}
          onConfirm={reject}
        >
          It gets nothing more of this API, at once. You can approve it again later.
        </Confirm>
      )}
    </>
  );
}
