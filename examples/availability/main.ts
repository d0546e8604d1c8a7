// A week of three technicians, offline and with a clock that is set by hand, so it prints the same each time. It is told chapter by chapter; started again after
// whatever befell it, it goes on with the chapter it was in. With `--new` it begins from the beginning.

import { rmSync } from "node:fs";
import { createRuntime } from "kindling";
import { manualClock } from "kindling/testing";
import { FOLDER, settings } from "./kindling.config.ts";
import { keeping } from "./keeping.ts";
import { recording } from "./recording.ts";
import { play } from "./stage.ts";

if (process.argv.includes("--new")) rmSync(FOLDER, { recursive: true, force: true });

const story = [...recording, ...keeping];
const clock = manualClock(Date.parse(story[0]?.at ?? ""));
await using kindling = await createRuntime({ ...settings, clock });
const told = await play(story, kindling, clock, (text) => console.log(text));
if (told > 0) console.log(`${told} of ${story.length} chapters had been told before; --new tells them all again.`);
