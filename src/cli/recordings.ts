// What the commands about recordings share: reading a file, and finding the contract it is of in the project.

import { isAbsolute, join } from "node:path";
import { type AnyContract, type Config, didYouMean, InputError } from "../index.ts";
import { readRunRecording, type RunRecording } from "../testing.ts";
import type { Shell } from "./shell.ts";

/** A recording with the contract of the project that it is of. */
export interface OpenedRecording {
  readonly path: string;
  readonly recording: RunRecording;
  readonly contract: AnyContract;
}

/** Opens a recording. @throws ConfigError `recording_not_found`, `recording_invalid`; InputError `contract_not_found` */
export async function openRecording(shell: Shell, { contracts }: Config, file: string): Promise<OpenedRecording> {
  const path = pathIn(shell, file);
  const recording = await readRunRecording(path);
  const { name } = recording.contract;
  const contract = contracts.find((each) => each.name === name);
  if (contract === undefined)
    throw new InputError("contract_not_found", `${file} is of the contract "${name}", which the project does not have`, {
      fix: didYouMean(
        name,
        contracts.map((each) => each.name),
      ),
    });
  return { path, recording, contract };
}

/** A path as the caller means it. */
export function pathIn({ cwd }: Shell, file: string): string {
  return isAbsolute(file) ? file : join(cwd, file);
}
