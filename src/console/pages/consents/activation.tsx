import { getRouteApi, Link } from "@tanstack/react-router";
import { AppWindow } from "lucide-react";
import { api } from "../../api/client.ts";
import { PAGED } from "../../api/pages.ts";
import { TextField } from "../../parts/field.tsx";
import { Empty } from "../../parts/note.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Paged } from "../../parts/paged.tsx";
import { useSearchWords } from "../../parts/search-words.ts";
import styles from "./consents.module.css";
import { ListedAppItem } from "./listed-app-item.tsx";

const route = getRouteApi("/o/$organizationId/consents/activate");

/** The apps of the directory that a data owner can let have its events before they have asked. */
export function ActivationPage() {
  const { organizationId } = route.useParams();
  const { q = "", apiId } = route.useSearch();
  const navigate = route.useNavigate();
  const [words, setWords] = useSearchWords(
    q,
    (next) => void navigate({ search: (search) => ({ ...search, q: next || undefined }), replace: true }),
  );
  const query = api.useInfiniteQuery(
    "get",
    "/v1/directory/apps",
    { params: { query: { q, apiId } } },
    { ...PAGED, placeholderData: (shown) => shown },
  );
  return (
    <Page
      title="Activate an app"
      lead="Apps that wait for data owners like you. The one that you activate receives events about your organization from then on, until you take that back."
      crumbs={
        <Link to="/o/$organizationId/consents" params={{ organizationId }}>
          Consents
        </Link>
      }
    >
      <Section isFlush>
        <div className={styles.bar}>
          <TextField
            label="Find by app, organization or API"
            type="search"
            value={words}
            onChange={({ target }) => setWords(target.value)}
          />
          {apiId !== undefined && <OfOneApi apiId={apiId} />}
        </div>
        <Paged query={query} what="apps" empty={<None isSearch={q !== "" || apiId !== undefined} />}>
          {(apps) => (
            <ul className={styles.requests}>
              {apps.map((listed) => (
                <ListedAppItem key={listed.subscriptionId} listed={listed} />
              ))}
            </ul>
          )}
        </Paged>
      </Section>
    </Page>
  );
}

/** The way back from the apps of one API to all of them. */
function OfOneApi({ apiId }: { apiId: string }) {
  const params = route.useParams();
  const { data } = api.useQuery("get", "/v1/directory/{apiId}", { params: { path: { apiId } } });
  return (
    <p className={styles.terms}>
      Only apps that receive <strong>{data?.title ?? "one API"}</strong>.{" "}
      <Link to="/o/$organizationId/consents/activate" params={params}>
        Show all apps
      </Link>
    </p>
  );
}

const None = ({ isSearch }: { isSearch: boolean }) => (
  <Empty icon={AppWindow} title={isSearch ? "No app is like that" : "No app can be activated yet"}>
    Only apps that let themselves be found are listed. One that you miss can ask you for consent: give its people your
    organization id. Their request then waits for your answer among your consents.
  </Empty>
);
