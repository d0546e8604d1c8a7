// Signing in on the approval page over real HTTP: who is let in, how often wrong passphrases may be tried, and when a session ends.

import { describe, expect, it } from "vitest";
import { hashPassphrase, serveApprovals } from "../../src/web/index.ts";
import { FREE_ATTEMPTS } from "../../src/web/sign-in-attempts.ts";
import { APPROVERS, PASSPHRASE, servedPage, signedIn, Visitor } from "./page-visitor.ts";

describe("signing in", () => {
  it("is asked for on every page, leads back to it, and takes only the right passphrase", async () => {
    const page = await servedPage();
    const visitor = new Visitor(page.server.url);
    const away = await visitor.get("/runs/run_1/gates/review");
    expect([away.status, away.headers.get("location")]).toEqual([303, "/sign-in?next=%2Fruns%2Frun_1%2Fgates%2Freview"]);
    expect((await visitor.signIn("ada", "wrong horse battery staple")).status).toBe(401);
    expect((await visitor.signIn("nobody")).status).toBe(401);
    const done = await visitor.post("/sign-in", [
      ["name", "ada"],
      ["passphrase", PASSPHRASE],
      ["next", "/runs/run_1/gates/review"],
    ]);
    expect([done.status, done.headers.get("location")]).toEqual([303, "/runs/run_1/gates/review"]);
    expect(done.headers.get("set-cookie")).toMatch(/^kindling_[0-9a-f]{8}=[\w-]{43}; Path=\/; Max-Age=28800; HttpOnly; SameSite=Strict$/);
    expect((await visitor.get("/")).status).toBe(200);
    expect(page.events).toEqual([
      { type: "signInRefused", approver: "ada", reason: "wrong" },
      { type: "signInRefused", approver: undefined, reason: "wrong" },
      { type: "signedIn", approver: "ada" },
    ]);
  });

  it.each(["https://evil.example/", "//evil.example/", "/\\evil.example", "/sign-out", "javascript:alert(1)", "/style.css"])(
    "leads to no other place such as %s",
    async (next) => {
      const page = await servedPage();
      const done = await new Visitor(page.server.url).post("/sign-in", [
        ["name", "ada"],
        ["passphrase", PASSPHRASE],
        ["next", next],
      ]);
      expect(done.headers.get("location")).toBe("/");
    },
  );

  it("pauses longer and longer after wrong passphrases, also for the right one, also when they come at once", async () => {
    let now = 1_000_000;
    const page = await servedPage({ now: () => now });
    const visitor = new Visitor(page.server.url);
    const tries = await Promise.all(Array.from({ length: FREE_ATTEMPTS + 2 }, () => visitor.signIn("ada", "a wrong passphrase")));
    expect(tries.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const right = await visitor.signIn();
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, "2"]);
    expect((await visitor.signIn("grace")).status).toBe(303);
    now += 2_000;
    expect((await visitor.signIn("ada", "a wrong passphrase")).status).toBe(401);
    expect((await visitor.signIn()).headers.get("retry-after")).toBe("4");
    now += 4_000;
    expect((await visitor.signIn()).status).toBe(303);
  });

  it("ends by signing out, after being idle, and after the longest time", async () => {
    let now = 1_000_000;
    const page = await servedPage({ now: () => now, sessionIdleMs: 1_000, sessionMs: 3_000 });
    const ada = await signedIn(page);
    const token = /name="csrf" value="([^"]+)"/.exec((await ada.get("/")).text)?.[1] ?? "";
    const before = ada.cookie;
    expect((await ada.post("/sign-out", [["csrf", "forged"]])).status).toBe(403);
    expect((await ada.post("/sign-out", [["csrf", token]])).status).toBe(303);
    const twice = await signedIn(page);
    const first = twice.cookie;
    await twice.signIn("grace");
    expect((await new Visitor(page.server.url).get("/", { cookie: first })).status).toBe(303);
    expect((await new Visitor(page.server.url).get("/", { cookie: before })).status).toBe(303);
    const idle = await signedIn(page);
    now += 999;
    expect((await idle.get("/")).status).toBe(200);
    now += 1_000;
    expect((await idle.get("/")).status).toBe(303);
    const long = await signedIn(page);
    for (const _ of [1, 2, 3]) {
      now += 900;
      expect((await long.get("/")).status).toBe(200);
    }
    now += 900;
    expect((await long.get("/")).status).toBe(303);
  });

  it("needs somebody who can: without a passphrase, or with a hash that is none, the page does not begin", async () => {
    const { kindling } = await servedPage();
    const served = (passphrase: string | undefined) =>
      serveApprovals(kindling, { approvers: passphrase === undefined ? [{ id: "ada" }] : [{ id: "ada", passphrase }] });
    await expect(served(undefined)).rejects.toMatchObject({ code: "no_approvers", fix: expect.stringContaining("kindling approvers add") });
    for (const hash of [
      PASSPHRASE,
      "$scrypt$ln=40,r=8,p=1$c2FsdHNhbHRzYWx0c2E$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
      "$scrypt$ln=2,r=8,p=1$c2FsdHNhbHRzYWx0c2E$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
    ]) {
      const refused = served(hash);
      await expect(refused).rejects.toMatchObject({ code: "bad_passphrase_hash" });
      await expect(refused).rejects.not.toThrow(hash);
    }
    await expect(serveApprovals(kindling, { approvers: APPROVERS, host: "0.0.0.0" })).rejects.toMatchObject({
      code: "public_url_required",
    });
    await expect(serveApprovals(kindling, { approvers: APPROVERS, publicUrl: "http://approvals.example" })).rejects.toMatchObject({
      code: "bad_public_url",
    });
  });

  it("takes what hashPassphrase made, by letters and not by the way they are written", async () => {
    const passphrase = await hashPassphrase("größer als gedacht");
    const page = await servedPage({ approvers: [{ id: "ada", passphrase }] });
    expect((await new Visitor(page.server.url).signIn("ada", "größer als gedacht".normalize("NFD"))).status).toBe(303);
    await expect(hashPassphrase("too short")).rejects.toMatchObject({ code: "passphrase_unfit" });
  });
});
