import { describe } from "vitest";
import { wireConformance } from "../conformance/provider-suite.ts";
import { anthropicFixture, chatFixture, ollamaFixture, responsesFixture } from "./fixtures.ts";
import { useServer } from "./server.ts";

describe("providers on a mocked network", () => {
  useServer();
  for (const fixture of [anthropicFixture, responsesFixture, chatFixture, ollamaFixture]) wireConformance(fixture);
});
