import { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import type { Route } from "./call/call.ts";
import { describeCallers } from "./call/permissions.ts";
import type { BodyReader } from "./call/request-body.ts";

const ProblemView = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: z.number(),
    message: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    diagnostics: z.array(z.unknown()).optional(),
    changes: z.array(z.unknown()).optional(),
  })
  .meta({ description: "RFC 9457. `code` and `message` repeat `status` and `detail`." });

const A_PROBLEM = { description: "A problem", content: { "application/problem+json": { schema: ProblemView } } };

const IdempotencyHeader = z.object({
  "Idempotency-Key": z
    .string()
    .optional()
    .meta({ description: "The same key and body within 24 h get the first answer again." }),
});

/** A call of an app, which is answered with events for as long as there are any. */
export type EventsRoute = {
  path: string;
  params: z.ZodObject;
  query: z.ZodObject;
  summary: string;
  description: string;
  answers: BodyReader<unknown>["content"];
};

/** A call that is nobody's action: what a browser signs in and out with. */
export type OwnRoute = {
  method: "get" | "post" | "delete";
  path: string;
  tag: string;
  summary: string;
  description: string;
  security: "session"[];
  body?: BodyReader<unknown>;
  /** null: 204, there is nothing to say. */
  answers: BodyReader<unknown>["content"] | null;
};

export type DescribedRoutes = { management: Route[]; events: EventsRoute[]; own: OwnRoute[] };

/** The OpenAPI 3.1 document of these routes. */
export function describeRoutes({ management, events, own }: DescribedRoutes, origin: string) {
  const app = new OpenAPIHono();
  const bearer = app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  const streamToken = app.openAPIRegistry.registerComponent("securitySchemes", "streamToken", {
    ...{ type: "apiKey", in: "query", name: "access_token" },
  });
  const session = app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "__Host-session",
    description: "With `Relay-Organization`, and `X-CSRF-Token` where something changes: see `POST /session`.",
  });
  for (const route of management) {
    app.openAPIRegistry.registerPath({
      method: route.method,
      path: route.path,
      tags: [route.tag],
      summary: route.summary,
      description: `${route.action}: for ${describeCallers(route.action)}.`,
      security: [{ [bearer.name]: [] }, { [session.name]: [] }],
      request: describeRequest(route),
      responses: {
        [route.status]: describeAnswer(route),
        default: A_PROBLEM,
      },
    });
  }
  for (const { path, params, query, summary, description, answers } of events) {
    app.openAPIRegistry.registerPath({
      ...{ method: "get", path, tags: ["Live"], summary, description, request: { params, query } },
      security: [{ [bearer.name]: [] }, { [streamToken.name]: [] }],
      responses: { 200: { description: "Success", content: answers }, default: A_PROBLEM },
    });
  }
  for (const { tag, security, body, answers, ...route } of own) {
    app.openAPIRegistry.registerPath({
      ...route,
      tags: [tag],
      security: security.map((name) => ({ [name]: [] })),
      ...(body && { request: { body: { content: body.content, required: body.required } } }),
      responses: {
        ...(answers ? { 200: { description: "Success", content: answers } } : { 204: { description: "Done" } }),
        default: A_PROBLEM,
      },
    });
  }
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Event Relay", version: "1", description: "The management API of the event relay." },
    servers: [{ url: origin }],
  });
}

function describeRequest({ path, query, body, method }: Route) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return {
    ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((name) => [name, z.uuid()]))) }),
    ...(query instanceof z.ZodObject && { query }),
    ...(body && { body: { content: body.content, required: body.required } }),
    ...(method === "post" && { headers: IdempotencyHeader }),
  };
}

function describeAnswer({ status, answers }: Route) {
  if (status === 204) return { description: "Done" };
  return { description: "Success", content: answers };
}
