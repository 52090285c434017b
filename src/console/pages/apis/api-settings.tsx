import { useMay } from "../../api/role.ts";
import { Note } from "../../parts/note.tsx";
import { DeleteApi } from "./settings/delete-api.tsx";
import { LogFacts } from "./settings/log-facts.tsx";
import { SettingsForm } from "./settings/settings-form.tsx";
import { Shares } from "./settings/shares.tsx";
import { TheApi } from "./the-api.tsx";

/** How the API behaves, who may see it, and its end. */
export function ApiSettings() {
  const mayChange = useMay("developer");
  return (
    <TheApi>
      {(api) => (
        <>
          {!mayChange && <Note>Your role here is to look on: a developer or an admin changes these.</Note>}
          <SettingsForm key={api.updatedAt} api={api} mayChange={mayChange} />
          <LogFacts api={api} />
          <Shares api={api} mayChange={mayChange} />
          {mayChange && <DeleteApi api={api} />}
        </>
      )}
    </TheApi>
  );
}
