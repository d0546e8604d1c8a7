// Decisions in a ledger that were changed by somebody who could make every checksum right: their signatures show it, to `verify`, and to whoever has a receipt.

import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { checkDecisions, checkReceipt, fileLedger, makeReceipt, verifyFolder, verifySignatures } from "../../src/index.ts";
import { isJsonObject, type JsonObject } from "../../src/json.ts";
import { hashJson } from "../../src/json.ts";
import { testApprover, testSignature } from "../../src/testing.ts";
import { rewriteFacts } from "../ledger/rewritten-log.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { ADA, altered, begin, BOB, deliver, gated, type Stage, words } from "./signed-stage.ts";

const QUERY = { approvers: [ADA, BOB], contracts: [gated()] };
const MALLORY = testApprover({ id: "mallory" });

let folder: string;
let run: string;

/** Signs a decision and closes the ledger. */
async function decided(stage: Stage): Promise<void> {
  expect(await deliver(stage, testSignature(ADA, await words(stage)))).toMatchObject({ status: "delivered" });
  await stage.run.settled();
  await stage.kindling.close();
}

beforeEach(async () => {
  folder = join(await temporaryFolder(), "ledger");
  const stage = await begin({}, [ADA, BOB], fileLedger(folder));
  run = stage.run.id;
  await decided(stage);
});

const delivered = (change: (fact: JsonObject) => object) =>
  rewriteFacts(folder, (fact) => (fact["type"] === "event.delivered" ? (change(fact) as JsonObject) : fact));

const signatureIn = ({ signature }: JsonObject): JsonObject => (isJsonObject(signature) ? signature : {});

/** Words that were signed, changed and signed again by somebody's key. */
function signedAnew(fact: JsonObject, approver: typeof ADA, change: Parameters<typeof altered>[1]): object {
  const statement = altered(String(signatureIn(fact)["statement"]), change);
  return { v: 1, ...testSignature(approver, statement), key: approver.key };
}

const NO = { ok: false };

describe("verify", () => {
  it("counts decisions whose signature holds, and those by a key of today", async () => {
    expect(await verifySignatures(fileLedger(folder), QUERY)).toEqual({ whole: 1, confirmed: 1, unconfirmed: [], faults: [] });
    const later = { approvers: [{ id: "ada", key: BOB.key ?? "" }], contracts: [] };
    expect(await verifySignatures(fileLedger(folder), later)).toMatchObject({
      whole: 1,
      confirmed: 0,
      unconfirmed: [{ stream: run, path: "gate", approver: "ada", key: ADA.key }],
      faults: [],
    });
  });

  it.each<[string, (fact: JsonObject) => object, RegExp]>([
    ["another payload", (fact) => ({ ...fact, payload: NO }), /not what was signed: payload is another/],
    [
      "another person",
      (fact) => ({ ...fact, actor: { id: "bob", assurance: "signed" } }),
      /ada signed it, and it is recorded as the word of bob/,
    ],
    ["another assurance", (fact) => ({ ...fact, actor: { id: "ada", assurance: "client" } }), /as the word of ada \(client\)/],
    ["another event", (fact) => ({ ...fact, event: "else" }), /not what was signed: event is another/],
    ["no signature", ({ signature: _, ...fact }) => ({ ...fact, payload: NO }), /it is recorded as signed, and there is no signature/],
    [
      "no signature, and nobody who says so",
      ({ signature: _, ...fact }) => ({ ...fact, payload: NO, actor: { id: "ada", assurance: "outOfBand" } }),
      /its gate wants a signature, and the decision has none/,
    ],
    [
      "other words",
      (fact) => ({
        ...fact,
        payload: NO,
        signature: { ...signatureIn(fact), statement: altered(String(signatureIn(fact)["statement"]), { payload: hashJson(NO) }) },
      }),
      /the signature does not belong to these words/,
    ],
    [
      "another key",
      (fact) => ({ ...fact, signature: { ...signatureIn(fact), key: BOB.key } }),
      /another key signed than the one that is recorded/,
    ],
    [
      "words for another opening",
      (fact) => ({ ...fact, signature: signedAnew(fact, ADA, { opening: "run_1:1" }) }),
      /the time it opened is another/,
    ],
    ["words of another ledger", (fact) => ({ ...fact, signature: signedAnew(fact, ADA, { ledger: "another" }) }), /ledger is another/],
    [
      "words that were over",
      (fact) => ({ ...fact, signature: signedAnew(fact, ADA, { expires: "2001-01-01T00:00:00.000Z" }) }),
      /recorded after 2001/,
    ],
  ])("finds a decision with %s, though every checksum is right", async (_name, change, message) => {
    await delivered(change);
    expect((await verifyFolder(folder)).faults).toEqual([]);
    const { whole, faults } = await verifySignatures(fileLedger(folder), QUERY);
    expect({ whole, faults }).toEqual({
      whole: 0,
      faults: [{ stream: run, path: "gate", position: expect.any(Number), message: expect.stringMatching(message) }],
    });
  });

  it("finds what was shown to be another when its opening was changed", async () => {
    await rewriteFacts(folder, (fact) => (fact["type"] === "await.opened" ? { ...fact, shown: "0".repeat(64) } : fact));
    expect((await verifySignatures(fileLedger(folder), QUERY)).faults).toMatchObject([
      { message: expect.stringContaining("what was shown is another") },
    ]);
  });

  it("tells of a decision that was made up and signed anew by somebody else's key: none of the approver's", async () => {
    await delivered((fact) => ({ ...fact, payload: NO, signature: signedAnew(fact, MALLORY, { payload: hashJson(NO) }) }));
    expect(await verifySignatures(fileLedger(folder), QUERY)).toMatchObject({
      whole: 1,
      confirmed: 0,
      unconfirmed: [{ approver: "ada", key: MALLORY.key }],
    });
  });

  it("of a runtime says the same", async () => {
    const good = await begin();
    await deliver(good, testSignature(ADA, await words(good)));
    expect(await good.kindling.verify()).toMatchObject({ ok: true, signatures: { whole: 1, confirmed: 1 } });
    expect(await (await begin()).kindling.verify()).not.toHaveProperty("signatures");
    await delivered((fact) => ({ ...fact, payload: NO }));
    const forged = await begin({}, [ADA, BOB], fileLedger(folder));
    expect(await forged.kindling.verify()).toMatchObject({ ok: false, signatures: { faults: [{ path: "gate" }] } });
  });
});

describe("a receipt", () => {
  it("holds what shows who signed, and shows a decision that was changed", async () => {
    const copy = `${folder}-as-it-was`;
    await cp(folder, copy, { recursive: true });
    await delivered((fact) => ({ ...fact, payload: NO }));
    const [good, forged] = await Promise.all(
      [copy, folder].map(async (each) => {
        const checked = await checkReceipt(await makeReceipt(fileLedger(each), { runs: [run] }));
        expect(checked.faults).toEqual([]);
        return checkDecisions(checked.ledger, checked.entries);
      }),
    );
    expect(good).toMatchObject([{ stream: run, path: "gate", approver: "ada", key: ADA.key, fault: undefined }]);
    expect(forged).toMatchObject([{ fault: expect.stringContaining("payload is another") }]);
    expect(await readFile(join(folder, "ledger.json"), "utf8")).toBe(await readFile(join(copy, "ledger.json"), "utf8"));
  });

  it("that stays of a compacted run has the signature still, and shows when it was changed", async () => {
    const stage = await begin({}, [ADA, BOB], fileLedger(folder));
    await stage.kindling.cancel(stage.run.id);
    await stage.kindling.compact({ retention: [{ keep: 0 }] });
    const receipt = await stage.kindling.receiptOf(run);
    expect(receipt?.decisions).toMatchObject([{ path: "gate", signature: { key: ADA.key } }]);
    await stage.kindling.close();
    expect(await verifySignatures(fileLedger(folder), QUERY)).toMatchObject({ whole: 1, confirmed: 1, faults: [] });
    await using ledger = await fileLedger(folder).open({ access: "read" });
    const entries = (await ledger.read(run)).map((entry) => ({ ...entry, facts: entry.facts.map(withOtherPayload) }));
    expect(checkDecisions(ledger.id, entries)).toMatchObject([{ path: "gate", fault: expect.stringContaining("payload is another") }]);
  });
});

function withOtherPayload(fact: JsonObject): JsonObject {
  const receipt = isJsonObject(fact["receipt"]) ? fact["receipt"] : {};
  const given = receipt["decisions"];
  // Decisions of a receipt are objects.
  const decisions = (Array.isArray(given) ? given : []) as readonly JsonObject[];
  return { ...fact, receipt: { ...receipt, decisions: decisions.map((each) => ({ ...each, payload: hashJson(NO) })) } };
}
