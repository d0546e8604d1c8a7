// What must not open a gate on the approval page, over real HTTP: forged, broken and foreign requests.

import { describe, expect, it } from "vitest";
import { APPROVE, formIn, gateAt, others, PASSPHRASE, servedPage, signedIn, Visitor, waiting } from "./page-visitor.ts";
import { raw } from "./servers.ts";

describe("bad input", () => {
  it("is answered with a status and decides nothing", async () => {
    const page = await servedPage();
    const run = await waiting(page);
    const mixed = await page.kindling.start(others, { text: "t" });
    await mixed.settled();
    const ada = await signedIn(page);
    const address = gateAt(run, "review");
    const form = [...formIn(await ada.get(address)), APPROVE] as const;
    const without = (name: string) => form.filter(([each]) => each !== name);
    const stranger = new Visitor(page.server.url);
    const port = new URL(page.server.url).port;
    const table: readonly (readonly [what: string, status: number, ask: () => Promise<{ readonly status: number }>])[] = [
      ["no session", 401, () => stranger.post(address, form)],
      ["a made-up session", 401, () => stranger.post(address, form, { cookie: `${ada.cookie.split("=")[0]}=${"x".repeat(43)}` })],
      ["a bearer token", 401, () => stranger.post(address, form, { authorization: "Bearer a-token-of-some-length" })],
      ["no form token", 403, () => ada.post(address, without("csrf"))],
      ["a wrong form token", 403, () => ada.post(address, [...without("csrf"), ["csrf", "x"]])],
      ["no Origin", 403, () => ada.post(address, form, { origin: "" })],
      ["Origin null", 403, () => ada.post(address, form, { origin: "null" })],
      ["a foreign Origin", 403, () => ada.post(address, form, { origin: "https://evil.example" })],
      ["another port of this machine as Origin", 403, () => ada.post(address, form, { origin: "http://127.0.0.1:1" })],
      ["another name of this machine as Origin", 403, () => ada.post(address, form, { origin: `http://localhost:${port}` })],
      ["a browser that says cross-site", 403, () => ada.post(address, form, { "sec-fetch-site": "same-site" })],
      ["JSON for a form", 415, () => ada.post(address, form, { "content-type": "application/json" })],
      ["a body that is too long", 413, () => ada.post(address, [...form, ["f.comment", "x".repeat(1024 * 1024)]])],
      ["a name that is too long", 413, () => stranger.signIn("x".repeat(40_000))],
      ["no digest", 409, () => ada.post(address, without("shown"))],
      ["another digest", 409, () => ada.post(address, [...without("shown"), ["shown", "0".repeat(64)]])],
      ["a form there is none of", 409, () => ada.post(address, [...without("alternative"), ["alternative", "7"]])],
      ["__proto__ as a form", 409, () => ada.post(address, [...without("alternative"), ["alternative", "__proto__"]])],
      ["an unknown run", 404, () => ada.post(gateAt("run_none", "review"), form)],
      ["an unknown gate", 404, () => ada.post(gateAt(run, "nothing"), form)],
      ["an await that is no gate", 404, () => ada.post(gateAt(mixed.id, "answer"), form)],
      ["an address with broken percents", 404, () => ada.get(`/runs/${run}/gates/%E0%A4%A`)],
      ["another address", 404, () => ada.get("/admin")],
      ["another method", 405, () => ada.post("/", form)],
      ["an unknown run to look at", 404, () => ada.get("/runs/run_none")],
    ];
    const answers = await Promise.all(table.map(async ([what, , ask]) => [what, (await ask()).status] as const));
    expect(answers).toEqual(table.map(([what, status]) => [what, status]));
    expect((await page.kindling.get(run))?.status).toBe("waiting");
    expect((await page.kindling.facts(run)).filter(({ type }) => type === "event.delivered" || type === "event.refused")).toEqual([]);
    expect(page.errors).toEqual([]);
  });

  it("by a foreign Host is refused before anything is shown", async () => {
    const page = await servedPage();
    const { port } = new URL(page.server.url);
    for (const host of ["evil.example", `evil.example:${port}`, `127.0.0.1:${port}@evil.example`, "127.0.0.1.evil.example", ""])
      expect(await raw(page.server.url, `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 (403|400) /);
    for (const host of [`localhost:${port}`, `[::1]:${port}`])
      expect(await raw(page.server.url, `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 303 /);
  });

  it("never comes back with less than all the guarding headers", async () => {
    const page = await servedPage();
    const ada = await signedIn(page);
    for (const path of ["/", "/sign-in", "/style.css", "/icon.svg", "/nothing", "/runs/run_none"]) {
      const { headers } = await ada.get(path);
      expect([path, headers.get("cache-control"), headers.get("x-frame-options"), headers.get("x-content-type-options")]).toEqual([
        path,
        "no-store",
        "DENY",
        "nosniff",
      ]);
    }
  });

  it("from another site is sent on to where the browser shows its session", async () => {
    const page = await servedPage();
    const answer = await new Visitor(page.server.url).get("/runs/run_1", { "sec-fetch-site": "cross-site" });
    expect([answer.status, answer.text.includes('http-equiv="refresh"')]).toEqual([200, true]);
  });
});

describe("behind a server with TLS", () => {
  it("is called by its public name, from there alone, and sets a cookie for TLS only", async () => {
    const page = await servedPage({ publicUrl: "https://approvals.example" });
    const visitor = new Visitor(page.server.url);
    const form = [
      ["name", "ada"],
      ["passphrase", PASSPHRASE],
    ] as const;
    const done = await visitor.post("/sign-in", form, { host: "approvals.example", origin: "https://approvals.example" });
    expect(done.headers.get("set-cookie")).toMatch(/^__Host-kindling=.*; Secure$/);
    expect((await visitor.post("/sign-in", form, { origin: "https://evil.example" })).status).toBe(403);
  });
});
