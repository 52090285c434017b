import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sessionQuery, signIn } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Form, TextField } from "../../parts/field.tsx";
import { ProblemNote } from "../../parts/note.tsx";

/** Signs in with a token. */
export function TokenForm({ onEntered }: { onEntered(): Promise<void> }) {
  const [token, setToken] = useState("");
  const queries = useQueryClient();
  const entering = useMutation({
    mutationFn: () => signIn(token.trim()),
    onSuccess: async (session) => {
      queries.setQueryData(sessionQuery.queryKey, session);
      await onEntered();
    },
  });
  return (
    <Form onSubmit={() => entering.mutate()}>
      <TextField
        label="Token"
        hint="Of your organization (rk_…), or the operator's. It is not kept in this browser."
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        value={token}
        onChange={({ target }) => setToken(target.value)}
      />
      {entering.error && <ProblemNote error={entering.error} />}
      <Button type="submit" tone="primary" isBusy={entering.isPending} disabled={token.trim() === ""}>
        Sign in
      </Button>
    </Form>
  );
}
