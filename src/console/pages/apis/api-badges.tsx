import { Badge } from "../../parts/badge.tsx";
import type { Api } from "./api-types.ts";

/** Who may see the API. */
export const VisibilityBadge = ({ visibility }: Pick<Api, "visibility">) =>
  visibility === "public" ? <Badge tone="accent">public</Badge> : <Badge>private</Badge>;

/** Of what its subscribers get all, or only what data owners consented to. */
export const AccessBadge = ({ access }: Pick<Api, "access">) =>
  access === "consent" ? <Badge tone="accent">by consent</Badge> : <Badge>everything</Badge>;
