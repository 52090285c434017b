import { getRouteApi } from "@tanstack/react-router";
import { useMay } from "../../api/role.ts";
import { LinkButton } from "../../parts/button.tsx";
import { FilterLink, Filters } from "../../parts/filters.tsx";
import { Page } from "../../parts/page.tsx";
import { ConsentList } from "./consent-list.tsx";
import { Requests } from "./requests.tsx";

const route = getRouteApi("/o/$organizationId/consents");

/** The data owner's side, who lets others have its events; and the side of those that ask. */
export function ConsentsPage() {
  const params = route.useParams();
  const { side, status } = route.useSearch();
  const mayDecide = useMay("developer");
  const isAsking = side === "asked";
  return (
    <Page
      title="Consents"
      lead={
        isAsking
          ? "What your apps have asked data owners for. Only they can grant it."
          : "Who may receive events about your organization. Nothing is sent to anybody without your consent, where the API asks for it."
      }
      actions={
        mayDecide && (
          <LinkButton tone="primary" to="/o/$organizationId/consents/activate" params={params}>
            Activate an app
          </LinkButton>
        )
      }
    >
      <Filters label="Whose data">
        <FilterLink isOn={!isAsking} to="/o/$organizationId/consents" params={params}>
          Your data
        </FilterLink>
        <FilterLink isOn={isAsking} to="/o/$organizationId/consents" params={params} search={{ side: "asked" }}>
          Asked for by your apps
        </FilterLink>
      </Filters>
      {!isAsking && status === undefined && <Requests />}
      <ConsentList as={isAsking ? "subscriber" : "dataOwner"} status={status} />
    </Page>
  );
}
