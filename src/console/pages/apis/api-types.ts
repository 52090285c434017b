import type { Answer, Row } from "../../api/answer.ts";

/** An API as its publisher sees it. */
export type Api = Answer<"/v1/apis/{id}", "get">;
export type Channel = Api["channels"][number];
export type Message = Channel["messages"][number];
export type Credentials = Row<"/v1/apis/{id}/credentials">;
