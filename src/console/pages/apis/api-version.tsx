import { getRouteApi } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { api as relay } from "../../api/client.ts";
import { LazyTextEditor } from "../../editor/lazy-text-editor.tsx";
import { languageOf } from "../../editor/text-places.ts";
import { Button } from "../../parts/button.tsx";
import { CopyButton } from "../../parts/code.tsx";
import { documentFileName } from "../../parts/document-file-name.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Section } from "../../parts/page.tsx";
import { saveFile } from "../../parts/save-file.ts";
import styles from "./api-version.module.css";
import { BackTo } from "./back-to.tsx";
import { useApi } from "./the-api.tsx";

const route = getRouteApi("/o/$organizationId/apis/$apiId/versions/$versionId");

/** One document that the API has had, to read and to keep. */
export function ApiVersion() {
  const { organizationId, apiId, versionId } = route.useParams();
  const query = relay.useQuery("get", "/v1/apis/{id}/spec", {
    params: { path: { id: apiId }, query: { id: versionId } },
    parseAs: "text",
  });
  const title = useApi(apiId).data?.title ?? "api";
  return (
    <>
      <BackTo to="/o/$organizationId/apis/$apiId/versions" params={{ organizationId, apiId }}>
        All versions
      </BackTo>
      <Loaded query={query} what="the document">
        {(document) => (
          <Section
            title="Document"
            lead="As it was sent."
            actions={
              <>
                <CopyButton text={document} label="the document" />
                <Button size="small" onClick={() => saveFile(document, documentFileName(title, languageOf(document)))}>
                  <Download aria-hidden="true" />
                  Download
                </Button>
              </>
            }
          >
            <div className={styles.sheet}>
              <LazyTextEditor label="AsyncAPI document, to read" text={document} />
            </div>
          </Section>
        )}
      </Loaded>
    </>
  );
}
