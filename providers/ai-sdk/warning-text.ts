// The warnings of AI SDK models as sentences. Pure.

import type { SharedV3Warning, SharedV4Warning } from "@ai-sdk/provider";

/** One warning, its subject first. */
export function warningText(warning: SharedV4Warning | SharedV3Warning): string {
  switch (warning.type) {
    case "unsupported":
      return `${warning.feature}: the model does not support it${detail(warning.details)}`;
    case "compatibility":
      return `${warning.feature}: taken in a compatible way${detail(warning.details)}`;
    case "deprecated":
      return `${warning.setting}: deprecated${detail(warning.message)}`;
    case "other":
      return warning.message;
  }
}

function detail(text: string | undefined): string {
  return text === undefined ? "" : `: ${text}`;
}
