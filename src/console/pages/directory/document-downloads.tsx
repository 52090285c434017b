import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { client } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { documentFileName } from "../../parts/document-file-name.ts";
import { saveFile } from "../../parts/save-file.ts";
import { sayFailure } from "../../parts/toast.tsx";
import styles from "./directory.module.css";

const SPELLINGS = ["yaml", "json"] as const;
type Spelling = (typeof SPELLINGS)[number];

/** The document as a file, in either spelling. A plain link would not say on whose behalf it asks. */
export function DocumentDownloads({ apiId, title }: { apiId: string; title: string }) {
  const loading = useMutation({
    mutationFn: async (spelling: Spelling) => saveFile(await load(apiId, spelling), documentFileName(title, spelling)),
    onError: (error) => sayFailure("The document could not be downloaded", error),
  });
  return (
    <span className={styles.downloads}>
      {SPELLINGS.map((spelling) => (
        <Button
          key={spelling}
          size="small"
          isBusy={loading.isPending && loading.variables === spelling}
          onClick={() => loading.mutate(spelling)}
          aria-label={`Download as ${spelling.toUpperCase()}`}
        >
          <Download aria-hidden="true" />
          {spelling.toUpperCase()}
        </Button>
      ))}
    </span>
  );
}

async function load(apiId: string, spelling: Spelling): Promise<string> {
  const { data } = await client.GET(`/v1/directory/{apiId}/asyncapi.${spelling}`, {
    params: { path: { apiId } },
    parseAs: "text",
  });
  return String(data);
}
