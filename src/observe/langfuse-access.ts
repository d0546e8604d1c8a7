// Where a Langfuse is and how it is entered: from options, else from the environment under the names that Langfuse's own packages read. Knows no package of theirs.

import { ConfigError } from "../index.ts";

/** A Langfuse project: its keys and its address. What is left out is read from `LANGFUSE_PUBLIC_KEY`, `LANGFUSE_SECRET_KEY` and `LANGFUSE_BASE_URL`. */
export interface LangfuseAccess {
  readonly publicKey?: string;
  readonly secretKey?: string;
  /** Default `https://cloud.langfuse.com`. */
  readonly baseUrl?: string;
}

const CLOUD = "https://cloud.langfuse.com";

/** The access with nothing left open. @throws ConfigError `langfuse_not_configured` when a key is missing or the address is none */
export function readAccess(given: LangfuseAccess, environment: NodeJS.ProcessEnv = process.env): Required<LangfuseAccess> {
  const publicKey = given.publicKey ?? (environment["LANGFUSE_PUBLIC_KEY"]?.trim() || undefined);
  const secretKey = given.secretKey ?? (environment["LANGFUSE_SECRET_KEY"]?.trim() || undefined);
  const baseUrl = (given.baseUrl ?? (environment["LANGFUSE_BASE_URL"]?.trim() || CLOUD)).replace(/\/+$/, "");
  if (publicKey === undefined || publicKey === "") throw missing("publicKey", "LANGFUSE_PUBLIC_KEY");
  if (secretKey === undefined || secretKey === "") throw missing("secretKey", "LANGFUSE_SECRET_KEY");
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    throw new ConfigError("langfuse_not_configured", `langfuse: the address ${JSON.stringify(baseUrl)} is not one of HTTP`, {
      fix: "Give baseUrl, or set LANGFUSE_BASE_URL; it looks like https://cloud.langfuse.com.",
    });
  return { publicKey, secretKey, baseUrl };
}

function missing(option: string, variable: string): ConfigError {
  return new ConfigError("langfuse_not_configured", `langfuse: there is no ${option}`, {
    fix: `Give ${option}, or set ${variable}; the keys are in the settings of the Langfuse project.`,
  });
}
