// What every provider over HTTP must do, whatever its wire looks like: one list for all. This part runs on a mocked network; what needs
// real sockets is in provider-sockets.ts.

import { describe } from "vitest";
import type { ProviderFixture } from "./provider.ts";
import { configurationConformance } from "./provider-configuration.ts";
import { faultConformance } from "./provider-faults.ts";
import { replyConformance } from "./provider-replies.ts";
import { requestConformance } from "./provider-requests.ts";
import { toolConformance } from "./provider-tools.ts";

/** All that can be seen on a mocked network. */
export function wireConformance(fixture: ProviderFixture): void {
  describe(`${fixture.name}: replies`, () => replyConformance(fixture));
  describe(`${fixture.name}: tools`, () => toolConformance(fixture));
  describe(`${fixture.name}: requests`, () => requestConformance(fixture));
  describe(`${fixture.name}: faults`, () => faultConformance(fixture));
  describe(`${fixture.name}: configuration`, () => configurationConformance(fixture));
}
