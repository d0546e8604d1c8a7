// A real browser for tests, where this machine has one.

import { spawnSync } from "node:child_process";
import puppeteer, { type Browser } from "puppeteer-core";

const CANDIDATES = [process.env["KINDLING_BROWSER"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
// What is there need not run: some systems have a file of that name which only says where to get one.
const CHROMIUM = CANDIDATES.find((path) => path !== undefined && spawnSync(path, ["--version"], { timeout: 10_000 }).status === 0);
/** It asks nobody for anything but what it is given. */
const QUIET = ["--no-first-run", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** True where there is none: the tests that want it are skipped, and `what` is told not to be tried. */
export function isChromiumMissing(what: string): boolean {
  if (CHROMIUM !== undefined) return false;
  process.stderr.write(`${what} is not tried in a browser: there is no Chromium here (name one in KINDLING_BROWSER).\n`);
  return true;
}

/** Starts it. */
export function launchChromium(): Promise<Browser> {
  return puppeteer.launch({
    executablePath: CHROMIUM ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", ...QUIET],
  });
}
