/** What a call of the relay was refused with (RFC 9457), or what else kept it from an answer. */
export class ApiProblem extends Error {
  readonly status: number;
  /** The end of the problem's `type`: `role_missing`, `conflict`, …; `network` where there was no answer. */
  readonly slug: string;
  readonly errors: { path: string; message: string }[];
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(typeof body.detail === "string" ? body.detail : "The relay did not say what is wrong.");
    this.name = "ApiProblem";
    this.status = status;
    this.slug = typeof body.type === "string" ? (body.type.split("/").at(-1) ?? "") : "";
    this.errors = Array.isArray(body.errors) ? body.errors : [];
    this.body = body;
  }
}

/** The problem of an answer that is not 2xx. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const text = await response.text();
  try {
    return new ApiProblem(response.status, JSON.parse(text));
  } catch {
    return new ApiProblem(response.status, { detail: `The relay answered ${response.status}. Try again in a moment.` });
  }
}

export const NETWORK_PROBLEM = (): ApiProblem =>
  new ApiProblem(0, { type: "network", detail: "The relay cannot be reached. Check your connection, then try again." });

/** Any failure in a sentence for people. */
export const sayProblem = (error: unknown): string =>
  error instanceof Error ? error.message : "Something went wrong in this page. Load it again.";
