import { describe, expect, it } from "vitest";
import { Relay } from "./relay.ts";

const slugOf = ({ status, body }: { status: number; body: { type: string } }) =>
  `${status} ${body.type.replace("https://relay.test/problems/", "")}`;

async function acme() {
  const relay = new Relay();
  const organization = await relay.organization();
  const path = `/v1/organizations/${organization.id}/members`;
  const invite = (email: unknown, role: unknown = "developer") =>
    organization.call("POST", path, { body: { email, role } });
  return { relay, organization, path, invite };
}

describe("members", () => {
  it("are invited by e-mail, listed, given another role and removed, each in the audit", async () => {
    const { organization, path, invite } = await acme();
    const invited = await invite("Ann@Example.com");
    expect(invited.status).toBe(201);
    expect(invited.body).toEqual({
      id: expect.any(String),
      email: "ann@example.com",
      role: "developer",
      name: null,
      createdAt: "2026-11-21T12:00:00.000Z",
      signedInAt: null,
    });
    expect((await organization.call("GET", path)).body).toEqual({ data: [invited.body], nextCursor: null });
    const promoted = await organization.call("PATCH", `${path}/${invited.body.id}`, { body: { role: "admin" } });
    expect([promoted.status, promoted.body]).toEqual([200, { ...invited.body, role: "admin" }]);
    expect((await organization.call("GET", path)).body.data).toEqual([promoted.body]);
    expect((await organization.call("DELETE", `${path}/${invited.body.id}`)).status).toBe(204);
    expect((await organization.call("GET", path)).body.data).toEqual([]);
    expect((await organization.call("DELETE", `${path}/${invited.body.id}`)).status).toBe(404);
    const { body } = await organization.call("GET", `/v1/audit?subject=${invited.body.id}`);
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual([
      "member.remove",
      "member.update",
      "member.create",
    ]);
  });

  it("are invited once by each organization, in whatever spelling", async () => {
    const { relay, organization, path, invite } = await acme();
    const first = await invite("ann@example.com");
    expect(slugOf(await invite("ANN@example.COM", "viewer"))).toBe("409 conflict");
    const other = await relay.organization("Other");
    const body = { email: "ann@example.com", role: "viewer" };
    expect((await other.call("POST", `/v1/organizations/${other.id}/members`, { body })).status).toBe(201);
    await organization.call("DELETE", `${path}/${first.body.id}`);
    expect((await invite("ann@example.com")).status).toBe(201);
  });

  it.each([
    ["no e-mail", undefined, "viewer"],
    ["an empty one", "", "viewer"],
    ["a name", "ann", "viewer"],
    ["two", "a@example.com,b@example.com", "viewer"],
    ["a header", "a@example.com\r\nBcc: b@example.com", "viewer"],
    ["one too long", `${"a".repeat(60)}@${"b".repeat(60)}.${"c".repeat(130)}.example`, "viewer"],
    ["a number", 7, "viewer"],
    ["no role", "ann@example.com", undefined],
    ["the operator's role", "ann@example.com", "operator"],
  ])("are not invited with %s", async (_, email, role) => {
    const { organization, path, invite } = await acme();
    const refused =
      role === undefined ? await organization.call("POST", path, { body: { email } }) : await invite(email, role);
    expect(slugOf(refused)).toBe("422 body-invalid");
  });

  it("of another organization are not to be seen, changed or removed", async () => {
    const { relay, path, invite } = await acme();
    const { body: member } = await invite("ann@example.com");
    const other = await relay.organization("Other");
    const foreign = `/v1/organizations/${other.id}/members/${member.id}`;
    for (const place of [`${path}/${member.id}`, foreign]) {
      expect((await other.call("PATCH", place, { body: { role: "viewer" } })).status).toBe(404);
      expect((await other.call("DELETE", place)).status).toBe(404);
    }
    expect((await other.call("GET", path)).status).toBe(404);
  });
});
