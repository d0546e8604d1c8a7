// Reads what a definition is refused for.

import { expect } from "vitest";
import { DefinitionError, type Finding } from "../../src/graph/finding.ts";

/** The findings of a definition that must be refused. */
export function findingsOf(define: () => unknown): readonly Finding[] {
  return errorOf(define).findings;
}

/** The error of a definition that must be refused, and with nothing else. */
export function errorOf(define: () => unknown): DefinitionError {
  let thrown: unknown;
  try {
    define();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(DefinitionError);
  if (thrown instanceof DefinitionError) return thrown;
  throw new Error("the definition was accepted");
}

/** Findings as short lines: code, node and message. */
export function lines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, node, message }) => `${code} ${node ?? "-"}: ${message}`);
}
