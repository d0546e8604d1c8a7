// Node reads the proxies of the environment only when it is told to, and who has set them does not always know. Knows no API.

const VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] as const;

/** What to do when a server cannot be reached although the environment names a proxy; undefined when it names none or it is in use. */
export function proxyHint(): string | undefined {
  const named = VARIABLES.find((name) => (process.env[name] ?? "") !== "");
  const isUsed = process.env["NODE_USE_ENV_PROXY"] === "1" || process.execArgv.includes("--use-env-proxy");
  if (named === undefined || isUsed) return undefined;
  return `${named} is set, but Node uses it only when it is started with NODE_USE_ENV_PROXY=1.`;
}
