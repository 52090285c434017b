import { lazyRouteComponent } from "@tanstack/react-router";
import { loadPart } from "../parts/load-part.ts";

/** A page that loads when somebody goes to it, by the name that its file exports it under. */
export const lazyPage = <File extends Record<string, unknown>, Name extends keyof File>(
  load: () => Promise<File>,
  name: Name,
) => lazyRouteComponent(() => loadPart(load), name);
