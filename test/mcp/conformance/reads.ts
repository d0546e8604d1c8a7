// Resources and prompts that the suites read.

import { acceptedContent, completable, inputRequired, type McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import * as z from "zod";
import { PNG } from "./content.ts";

/** Puts these resources on a server. */
export function addTestResources(server: McpServer): void {
  const fixed = (name: string, mimeType: string, content: { readonly text: string } | { readonly blob: string }) =>
    server.registerResource(name, `test://${name}`, { description: `The resource ${name}`, mimeType }, (uri) => ({
      contents: [{ uri: uri.href, mimeType, ...content }],
    }));
  fixed("static-text", "text/plain", { text: "This is the content of the static text resource." });
  fixed("static-binary", "image/png", { blob: PNG });
  fixed("watched-resource", "text/plain", { text: "watched" });
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { description: "A resource for each id", mimeType: "application/json" },
    (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: "application/json",
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
}

const WORDS = ["paris", "park", "party"];

/** Puts these prompts on a server. */
export function addTestPrompts(server: McpServer): void {
  const text = (text: string) => ({ role: "user" as const, content: { type: "text" as const, text } });
  const word = (what: string) => completable(z.string().describe(what), (begun) => WORDS.filter((each) => each.startsWith(begun)));
  server.registerPrompt("test_simple_prompt", { description: "One text" }, () => ({
    messages: [text("This is a simple prompt for testing.")],
  }));
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "Two arguments", argsSchema: z.object({ arg1: word("The first"), arg2: word("The second") }) },
    ({ arg1, arg2 }) => ({ messages: [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "A resource", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri: uri }) => ({
      messages: [
        {
          role: "user",
          content: { type: "resource", resource: { uri, mimeType: "text/plain", text: "Embedded resource content for testing." } },
        },
        text("Please process the embedded resource above."),
      ],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "An image" }, () => ({
    messages: [{ role: "user", content: { type: "image", data: PNG, mimeType: "image/png" } }, text("Please analyze the image above.")],
  }));
  const Context = z.object({ context: z.string() });
  server.registerPrompt("test_input_required_result_prompt", { description: "Asks first" }, ({ mcpReq }) => {
    const given = acceptedContent(mcpReq.inputResponses, "user_context", Context);
    if (given !== undefined) return { messages: [text(`Context: ${given.context}`)] };
    const ask = inputRequired.elicit({ message: "What context should the prompt use?", requestedSchema: Context });
    return inputRequired({ inputRequests: { user_context: ask } });
  });
}
