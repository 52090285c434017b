import { getRouteApi } from "@tanstack/react-router";
import { client } from "../../api/client.ts";
import { useRefresh } from "../../api/refresh.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Section } from "../../parts/page.tsx";
import { say } from "../../parts/toast.tsx";

const route = getRouteApi("/o/$organizationId/apps/$appId");

export function DeleteApp({ app }: { app: { id: string; name: string } }) {
  const { organizationId } = route.useParams();
  const navigate = route.useNavigate();
  const refresh = useRefresh();
  const remove = async (): Promise<void> => {
    await client.DELETE("/v1/apps/{id}", { params: { path: { id: app.id } } });
    await navigate({ to: "/o/$organizationId/apps", params: { organizationId } });
    say(`${app.name} is deleted`);
    await refresh("/v1/apps", "/v1/subscriptions");
  };
  return (
    <Section title="Delete the app" lead="Ends its subscriptions, its credentials and its live connections.">
      <div>
        <Confirm
          title={`Delete ${app.name}?`}
          verb="Delete the app"
          trigger={(ask) => (
            <Button tone="danger" onClick={ask}>
              Delete the app
            </Button>
          )}
          onConfirm={remove}
        >
          Its subscriptions end at once: what they have not delivered yet is never delivered. Its credentials stop
          working. None of it comes back.
        </Confirm>
      </div>
    </Section>
  );
}
