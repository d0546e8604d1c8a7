// The contract of the cold start, made with whichever build is handed in, and with schemas that need no library.

/**
 * A Standard Schema for one type of JavaScript.
 *
 * @param {string} type
 */
const schema = (type) => ({
  "~standard": {
    version: 1,
    vendor: "bench",
    validate: (/** @type {unknown} */ value) => (typeof value === type ? { value } : { issues: [{ message: `no ${type}` }] }),
  },
});

/** @param {(name: string, definition: object) => unknown} contract */
export const waitOf = (contract) =>
  contract("wait", {
    inputs: { id: schema("string") },
    correlate: ["id"],
    define: (/** @type {any} */ g, /** @type {{ id: unknown }} */ { id }) =>
      g.await("go", { event: "go", schema: schema("boolean"), show: { id } }),
  });
