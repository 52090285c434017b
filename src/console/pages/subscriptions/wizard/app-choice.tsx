import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api } from "../../../api/client.ts";
import { Button } from "../../../parts/button.tsx";
import { SelectField } from "../../../parts/field.tsx";
import { Loaded } from "../../../parts/loaded.tsx";
import { Note } from "../../../parts/note.tsx";
import { NewAppDialog } from "../../apps/new-app-dialog.tsx";
import styles from "./wizard.module.css";

const route = getRouteApi("/o/$organizationId");

const APPS_MAX = 100;

/** Which app gets the events; where there is none yet, the way to one. */
export function AppChoice({ appId, onChoose }: { appId: string; onChoose(appId: string): void }) {
  const [isNew, setNew] = useState(false);
  const { portal } = route.useRouteContext();
  const query = api.useQuery("get", "/v1/apps", { params: { query: { limit: APPS_MAX } } });
  const only = query.data?.data.length === 1 ? query.data.data[0]?.id : undefined;
  useEffect(() => {
    if (only !== undefined && appId === "") onChoose(only);
  });
  return (
    <>
      <Loaded query={query} what="your apps">
        {({ data }) => (
          <div className={styles.beside}>
            {data.length === 0 ? (
              <Note>An app stands for the program of yours that gets the events. You have none yet.</Note>
            ) : (
              <SelectField
                label="App"
                value={appId}
                onChange={({ target }) => onChoose(target.value)}
                options={[{ value: "", label: "Choose…" }, ...data.map(({ id, name }) => ({ value: id, label: name }))]}
              />
            )}
            {!portal && <Button onClick={() => setNew(true)}>New app</Button>}
          </div>
        )}
      </Loaded>
      <NewAppDialog isOpen={isNew} onClose={() => setNew(false)} onMade={({ id }) => onChoose(id)} />
    </>
  );
}
