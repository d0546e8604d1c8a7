// Freezes what a definition is made of, so that a graph stays what it was when it was checked and hashed.

/** Freezes plain objects and lists to their depths. Schemas and everything with a class of its own stay as they are: they are not ours. */
export function freezeData<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || "~standard" in value) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) freezeData(member);
  return value;
}
