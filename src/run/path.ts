// Where a node is, seen from the root run. The one place that writes and reads this form.

/** The path of a node or child inside the run at `prefix`: `posts[en]/draft`. */
export function joinPath(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** The path of a child's nodes: `posts[en]`, or the node's own name when it has just one unnamed child. */
export function childPath(prefix: string, node: string, key: string): string {
  return joinPath(prefix, key === "" ? node : `${node}[${key}]`);
}

/** The nodes and keys of a path: `posts[en]/draft` is `posts` with the key `en`, then `draft` with none. */
export function splitPath(path: string): readonly { readonly node: string; readonly key: string }[] {
  return [...path.matchAll(/([^[\]/]+)(?:\[([^\]]*)\])?(?:\/|$)/g)].map(([, node = "", key = ""]) => ({ node, key }));
}
