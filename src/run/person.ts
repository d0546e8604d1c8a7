// Who is behind an actor: one person may come by several channels, and a client may speak for its user.

import type { Actor } from "./fact.ts";

const CLIENT_ASSERTED = "client-asserted:";

/**
 * The actor of an answer that a client says its user gave: of assurance `client`, and under the client's own id, since the client may as well have given it itself.
 *
 * @example clientAsserted({ id: "mcp:claude-code" }) // { id: "client-asserted:mcp:claude-code", assurance: "client" }
 */
export function clientAsserted({ id }: Pick<Actor, "id">): Actor {
  return { id: `${CLIENT_ASSERTED}${id}`, assurance: "client" };
}

/**
 * The person behind an actor: what stands after the channel. `cli:ada` and `page:ada` are one person, who may neither decide twice nor by another channel what she
 * may not by the first; and a client is itself when it speaks for its user.
 *
 * @example personOf({ id: "page:ada" }) // "ada"
 */
export function personOf({ id }: Pick<Actor, "id">): string {
  const own = id.startsWith(CLIENT_ASSERTED) ? id.slice(CLIENT_ASSERTED.length) : id;
  return own.slice(own.indexOf(":") + 1);
}
