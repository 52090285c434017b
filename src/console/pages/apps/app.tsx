import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/role.ts";
import { LoadedPage } from "../../frame/loaded-page.tsx";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/code.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Fact, Facts } from "../../parts/facts.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { say } from "../../parts/toast.tsx";
import { PortalLinks } from "../organization/portal-links.tsx";
import { AppCredentials } from "./app-credentials.tsx";
import { AppForm } from "./app-form.tsx";
import { AppSubscriptions } from "./app-subscriptions.tsx";
import { DeleteApp } from "./delete-app.tsx";

const route = getRouteApi("/o/$organizationId/apps/$appId");
const organizationRoute = getRouteApi("/o/$organizationId");

type App = {
  id: string;
  name: string;
  description: string | null;
  website: string | null;
  listed: boolean;
  createdAt: string;
};

/** One app: what it subscribes to, what it signs in with, who else may look after it. */
export function AppPage() {
  const { appId } = route.useParams();
  const query = api.useQuery("get", "/v1/apps/{id}", { params: { path: { id: appId } } });
  return (
    <LoadedPage query={query} title="App" what="the app">
      {(app) => <AppView app={app} />}
    </LoadedPage>
  );
}

function AppView({ app }: { app: App }) {
  const { organizationId } = route.useParams();
  const { portal } = organizationRoute.useRouteContext();
  const mayWrite = useMay("developer") && !portal;
  const [isEdited, setEdited] = useState(false);
  const crumbs = !portal && (
    <Link to="/o/$organizationId/apps" params={{ organizationId }}>
      Apps
    </Link>
  );
  return (
    <Page
      title={app.name}
      lead={app.description}
      crumbs={crumbs}
      actions={mayWrite && <Button onClick={() => setEdited(true)}>Edit</Button>}
    >
      <Section>
        <Facts>
          <Fact label="App id">
            <Id id={app.id} />
          </Fact>
          <Fact label="Website">{app.website ? <Website url={app.website} /> : "none"}</Fact>
          <Fact label="Made">
            <Time at={app.createdAt} />
          </Fact>
        </Facts>
      </Section>
      <AppSubscriptions appId={app.id} />
      {!portal && <AppCredentials appId={app.id} />}
      {!portal && <PortalLinks organizationId={organizationId} app={app} />}
      {mayWrite && <DeleteApp app={app} />}
      <EditApp app={app} isOpen={isEdited} onClose={() => setEdited(false)} />
    </Page>
  );
}

const Website = ({ url }: { url: string }) =>
  /^https?:\/\//i.test(url) ? (
    <a href={url} target="_blank" rel="noreferrer noopener">
      {url}
    </a>
  ) : (
    url
  );

function EditApp({ app, isOpen, onClose }: { app: App; isOpen: boolean; onClose(): void }) {
  const queries = useQueryClient();
  const saving = api.useMutation("patch", "/v1/apps/{id}", {
    onSuccess: async () => {
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/v1/apps") });
      say("Saved");
      onClose();
    },
  });
  return (
    <Dialog title="Edit the app" isOpen={isOpen} onClose={onClose}>
      <AppForm
        app={app}
        verb="Save"
        error={saving.error}
        isBusy={saving.isPending}
        onCancel={onClose}
        onSubmit={(fields) => saving.mutate({ params: { path: { id: app.id } }, body: fields })}
      />
    </Dialog>
  );
}
