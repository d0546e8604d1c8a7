// The embedded host keeps the promises of every host, over both ledgers.

import { memoryLedger } from "../../src/index.ts";
import { hostConformance } from "../conformance/host.ts";
import { temporaryLedger } from "./open-host.ts";

hostConformance("memory", memoryLedger);
hostConformance("files", temporaryLedger);
