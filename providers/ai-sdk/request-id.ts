// Which header holds the id that a family's support asks for. Pure.

const NAMES = ["x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-vercel-id"];

/** The id of a response, when there is one. */
export function requestIdOf(headers: Headers): string | undefined {
  for (const name of NAMES) {
    const id = headers.get(name);
    if (id) return id;
  }
  return undefined;
}
