import { logLine } from "../../kernel/log.ts";
import { err, ok, type Result } from "../../kernel/result.ts";

/** Asks the registry for a connection that lives on where it does not answer. */
export async function askRegistry<T>(ask: () => Promise<T>): Promise<Result<T, { reason: "registry_unavailable" }>> {
  try {
    return ok(await ask());
  } catch (error) {
    logLine("registry_not_read", { error: String(error) });
    return err({ reason: "registry_unavailable" });
  }
}
