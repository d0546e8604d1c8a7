// Descriptors of the stores that agents may read, as resources: kind, version, indexes, and the JSON Schema of values.

import { type McpServer, ResourceNotFoundError, ResourceTemplate } from "@modelcontextprotocol/server";
import { completeNames, only } from "../resources.ts";
import { titleOf } from "../title.ts";
import type { EnabledStores } from "./enabled-stores.ts";

const JSON_TYPE = "application/json";

/** Puts them on a server; none where no store is enabled. */
export function registerStores(server: McpServer, stores: EnabledStores): void {
  if (stores.all.length === 0) return;
  server.registerResource(
    "store",
    new ResourceTemplate("kindling://stores/{store}", {
      list: () => ({
        resources: stores.all.map(({ kind, name }) => ({
          uri: `kindling://stores/${name}`,
          name,
          title: titleOf(name),
          description: `What the ${kind} ${name} holds`,
          mimeType: JSON_TYPE,
        })),
      }),
      complete: only({ store: (begun: string) => completeNames(stores.names, begun) }),
    }),
    { title: "Store", description: "Kind, version, indexes and value schema of a store or history", mimeType: JSON_TYPE },
    (uri, { store }) => {
      const found = stores.all.find(({ name }) => name === store);
      if (found === undefined) throw new ResourceNotFoundError(uri.href);
      const { kind, name, version, indexes, schema = null } = found;
      return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text: JSON.stringify({ store: name, kind, version, indexes, schema }) }] };
    },
  );
}
