import { useEffect, useState } from "react";
import { type Lint, lintDocument } from "../api/document-calls.ts";
import { type LintOutcome, LiveLint } from "./live-lint.ts";

const DELAY_MS = 400; // long enough for a word, short enough to answer the eye

/** What the relay finds in a text, while it is being written. */
export function useLiveLint(text: string): LintOutcome<Lint> {
  const [outcome, setOutcome] = useState<LintOutcome<Lint>>({ state: "idle" });
  const [live] = useState(() => new LiveLint({ lint: lintDocument, onOutcome: setOutcome, delayMs: DELAY_MS }));
  useEffect(() => {
    live.check(text);
    return () => live.stop();
  }, [live, text]);
  return outcome;
}
