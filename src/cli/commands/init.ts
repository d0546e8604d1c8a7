// `init`: a small project that works: a contract with a gate, a config, no key needed. Nothing that is there is ever overwritten.

import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { createRequire } from "node:module";
import type { Answer } from "../answer.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";
import { counted, indented } from "../view/text.ts";

const CONTRACT = `// A greeting that a person approves. Draw it with \`kindling graph greeting\`, start it with \`kindling run greeting --input name=Ada\`.

import { contract } from "kindling";
import { z } from "zod";

export const greeting = contract("greeting", {
  description: "Drafts a greeting; a person approves or rejects it.",
  inputs: { name: z.string().min(1).describe("Who is greeted") },

  define(g, { name }) {
    // A model would stand here as well: g.llm("draft", { needs: { name }, prompt: ({ name }) => \`Greet \${name}\`, model: "anthropic:claude-haiku-5-5" })
    const draft = g.compute("draft", { needs: { name }, run: ({ name }) => \`Hello \${name}!\` });
    const review = g.await("review", {
      event: "greeting.reviewed",
      schema: z.object({ decision: z.enum(["approve", "reject"]), comment: z.string().optional() }),
      show: { draft },
      by: "human",
      timeout: "3d",
    });
    const text = g.branch("text", {
      needs: { draft, review },
      on: ({ review }) => review.decision,
      cases: {
        approve: (g, { draft }) => g.compute("sent", { needs: { draft }, run: ({ draft }) => draft }),
        reject: (g) => g.const("nothing", "(not sent)"),
      },
    });
    return { text };
  },
});
`;

const CONFIG = `import { defineConfig } from "kindling";
import { greeting } from "./greeting.ts";

// Models come from providers, for example: import { anthropic } from "kindling/providers/anthropic"; models: [anthropic()].
export default defineConfig({ contracts: [greeting] });
`;

const README = `# Workflows

Contracts of this project, run by Kindling. Nothing here needs an API key yet.

    npm install
    npx kindling run greeting --input name=Ada    # drafts, then waits for a person and prints the commands that go on
    npx kindling inbox                            # what waits for a decision
    npx kindling approve latest
    npx kindling show latest                      # what happened, node by node
    npx kindling graph greeting                   # the contract as a picture

\`greeting.ts\` is the contract, \`kindling.config.ts\` says which contracts and models there are, and \`.kindling/\` holds the ledger: all that
is known about runs. Let an agent start runs with \`npx kindling mcp\`; it cannot approve them.
`;

const TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      target: "es2024",
      lib: ["es2024", "esnext.disposable"],
      types: ["node"],
      module: "nodenext",
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
    },
    include: ["*.ts"],
  },
  null,
  2,
)}\n`;

/** Writes a project into a folder. */
export async function init(shell: Shell, folder: string | undefined, _options: GlobalOptions): Promise<Answer> {
  const target = resolve(shell.cwd, folder ?? ".");
  const files = new Map([
    ["package.json", packageText(basename(target))],
    ["tsconfig.json", TSCONFIG],
    [".gitignore", "node_modules/\n.kindling/\n"],
    ["greeting.ts", CONTRACT],
    ["kindling.config.ts", CONFIG],
    ["README.md", README],
  ]);
  if (existsSync(join(target, "kindling.config.ts"))) {
    throw new UsageError("project_exists", `there is a kindling.config.ts in ${target} already`, {
      fix: `Go on with it: ${shell.program} run <contract>`,
    });
  }
  const written: string[] = [];
  const kept: string[] = [];
  for (const [name, text] of files) {
    const isNew = await writeNew(join(target, name), text);
    (isNew ? written : kept).push(name);
  }
  const here = relative(shell.cwd, target);
  const next = [
    ...(here === "" ? [] : [`cd ${here}`]),
    kept.includes("package.json") ? "npm install kindling zod" : "npm install",
    `${shell.program} run greeting --input name=Ada`,
  ];
  const lines = [
    `wrote ${counted(written.length, "file")} to ${target}: ${written.join(", ")}`,
    ...(kept.length === 0 ? [] : [`kept what was there: ${kept.join(", ")}`]),
    "",
    "next:",
    ...indented(next),
  ];
  return { ok: true, result: { folder: target, written, kept, next }, lines };
}

async function writeNew(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function packageText(folder: string): string {
  const own = createRequire(import.meta.url)("kindling/package.json") as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const name =
    folder
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, "-")
      .replaceAll(/^-+|-+$/g, "") || "workflows";
  const dependencies = { kindling: `^${own.version}`, zod: versionRange(own.dependencies["zod"]) };
  const devDependencies = Object.fromEntries(["@types/node", "typescript"].map((each) => [each, versionRange(own.devDependencies[each])]));
  const scripts = { check: "tsc" };
  return `${JSON.stringify({ name, private: true, type: "module", scripts, dependencies, devDependencies }, null, 2)}\n`;
}

function versionRange(version: string | undefined): string {
  return version === undefined ? "*" : `^${version}`;
}
