import { socketConformance } from "../conformance/provider-sockets.ts";
import { anthropicFixture, chatFixture, ollamaFixture, responsesFixture } from "./fixtures.ts";

// Without the mocked network: aborts and broken lines are only true on a real socket.
for (const fixture of [anthropicFixture, responsesFixture, chatFixture, ollamaFixture]) socketConformance(fixture);
