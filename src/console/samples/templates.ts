/// <reference types="vite/client" />
import nodePublish from "./templates/publish.mjs?raw";
import pythonPublish from "./templates/publish.py?raw";
import curlPublish from "./templates/publish.sh?raw";
import nodeReceive from "./templates/receive.mjs?raw";
import pythonReceive from "./templates/receive.py?raw";
import curlReceive from "./templates/receive.sh?raw";

export type Language = "node" | "python" | "curl";
export type Kind = "receive" | "publish";

/** Programs that run once their places are filled: texts `%name%` in quotes, and lines of comments that are one. */
export const TEMPLATES: Record<Kind, Record<Language, string>> = {
  publish: { node: nodePublish, python: pythonPublish, curl: curlPublish },
  receive: { node: nodeReceive, python: pythonReceive, curl: curlReceive },
};

/** What a sample is saved as. */
export const fileNameOf = (kind: Kind, language: Language): string =>
  `${kind}.${{ node: "mjs", python: "py", curl: "sh" }[language]}`;
