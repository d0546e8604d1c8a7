// Packages that only some projects have: what is missing is told when it is used, with what to install.

import { expect, it } from "vitest";
import { loadPackage } from "../../src/observe/load-package.ts";

it("a package that is not installed is told with the command that installs it", async () => {
  const name = "no-such-package-of-telemetry";
  await expect(loadPackage(name, () => import(/* @vite-ignore */ name))).rejects.toMatchObject({
    name: "ConfigError",
    code: "package_missing",
    fix: `npm install ${name}`,
  });
});

it("a package that is broken is told as what it threw", async () => {
  const broken = new SyntaxError("unexpected token");
  await expect(loadPackage("broken", () => Promise.reject(broken))).rejects.toBe(broken);
});
