// The contract of the cold start, made with whichever build is handed in, and with schemas that need no library.

/** A Standard Schema for one type of JavaScript. */
const schema = (type) => ({
  "~standard": { version: 1, vendor: "bench", validate: (value) => (typeof value === type ? { value } : { issues: [{ message: `no ${type}` }] }) },
});

/** @param {import("../src/index.ts").contract} contract */
export const waitOf = (contract) =>
  contract("wait", {
    inputs: { id: schema("string") },
    correlate: ["id"],
    define: (g, { id }) => g.await("go", { event: "go", schema: schema("boolean"), show: { id } }),
  });
