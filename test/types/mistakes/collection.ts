// Mistakes in the items of a collection.

import { contract } from "kindling";
import { channelPost, Inputs } from "./parts.ts";

export const collection = contract("collection", {
  inputs: Inputs,
  define(g, { topic, channels }) {
    const words = g.compute("words", { needs: { topic }, run: ({ topic }) => topic.split(" ") });
    const size = g.compute("size", { needs: { topic }, run: ({ topic }) => topic.length });

    // error at `chanel`: Property 'chanel' does not exist on type '{ readonly channel: Node<{ id: string; limit: number; }>; }'.
    const inline = g.collection("inline", { over: channels, as: "channel", key: (channel) => channel.id, each: (g, { chanel }) => chanel });
    const shared = g.collection("shared", {
      over: channels,
      as: "channel",
      key: (channel) => channel.id,
      with: { topic },
      // error at `topik`: Property 'topik' does not exist on type '{ topic: Node<string>; readonly channel: Node<{ id: string; limit: number; }>; }'.
      each: (g, { channel, topik }) => g.compute("post", { needs: { channel, topik }, run: ({ channel }) => channel.id }),
    });
    const inlineField = g.collection("inline-field", {
      over: channels,
      as: "channel",
      key: (channel) => channel.id,
      // error at `limt`: Property 'limt' does not exist on type '{ id: string; limit: number; }'. Did you mean 'limit'?
      each: (g, { channel }) => g.compute("post", { needs: { channel }, run: ({ channel }) => channel.limt }),
    });
    // error at `idd`: Property 'idd' does not exist on type '{ id: string; limit: number; }'.
    const key = g.collection("key", { over: channels, as: "channel", key: (channel) => channel.idd, with: { text: topic }, each: channelPost });
    // error at `channel` #3: Type 'number' is not assignable to type 'string'.
    const keyType = g.collection("key-type", { over: channels, as: "channel", key: (channel) => channel.limit, with: { text: topic }, each: channelPost });
    // error at `topik`: Cannot find name 'topik'. Did you mean 'topic'?
    const withHandle = g.collection("with", { over: channels, as: "channel", key: (channel) => channel.id, with: { text: topik }, each: channelPost });
    // error at `with`: Property 'text' is missing in type '{}' but required in type '{ readonly text: Node<string>; }'.
    // error at `each`: Type 'Contract<{ readonly channel: { id: string; limit: number; }; readonly text: string; }, { readonly post: string; }>' is not assignable
    const missing = g.collection("missing", { over: channels, as: "channel", key: (channel) => channel.id, with: {}, each: channelPost });
    // error at `each`: Type 'Contract<{ readonly channel: { id: string; limit: number; }; readonly text: string; }, { readonly post: string; }>' is not assignable
    const missingWith = g.collection("missing-with", { over: channels, as: "channel", key: (channel) => channel.id, each: channelPost });
    // error at `txt`: Object literal may only specify known properties, but 'txt' does not exist in type '{ readonly text: Node<string>; }'. Did you mean to write 'text'?
    const misspelt = g.collection("misspelt", { over: channels, as: "channel", key: (channel) => channel.id, with: { txt: topic }, each: channelPost });
    // error at `text`: Type 'Node<number>' is not assignable to type 'Node<string>'.
    const wrongType = g.collection("wrong-type", { over: channels, as: "channel", key: (channel) => channel.id, with: { text: size }, each: channelPost });
    // error at `over`: Type 'Node<string[]>' is not assignable to type 'Node<readonly { id: string; limit: number; }[]>'.
    const wrongItem = g.collection("wrong-item", { over: words, as: "channel", key: (word) => word, with: { text: topic }, each: channelPost });
    // error at `over`: Type 'Node<string>' is not assignable to type 'Node<readonly { id: string; limit: number; }[]>'.
    // error at `channel` #3: 'channel' is of type 'unknown'.
    const notList = g.collection("not-list", { over: topic, as: "channel", key: (channel) => channel.id, with: { text: topic }, each: channelPost });
    // error at `over`: Type 'Node<number>' is not assignable to type 'Node<readonly unknown[]>'.
    const notListInline = g.collection("not-list-inline", { over: size, as: "item", key: (item) => String(item), each: (g, { item }) => item });
    // error at `as` #2: Type '"chanel"' is not assignable to type '"channel" | "text"'. Did you mean '"channel"'?
    const wrongAs = g.collection("wrong-as", { over: channels, as: "chanel", key: (channel) => channel.id, with: { text: topic }, each: channelPost });
    // error at `mode` #3: Type '"failfast"' is not assignable to type '"collect" | "failFast"'. Did you mean '"failFast"'?
    const mode = g.collection("mode", { over: channels, as: "channel", key: (channel) => channel.id, with: { text: topic }, each: channelPost, mode: "failfast" });
    // error at `sucesses`: Property 'sucesses' does not exist on type 'CollectionResult<{ readonly post: string; }>'. Did you mean 'successes'?
    const result = g.compute("result", { needs: { posts: mode }, run: ({ posts }) => posts.sucesses });
    // error at `pots`: Property 'pots' does not exist on type '{ readonly post: string; }'.
    const post = g.compute("post", { needs: { posts: mode }, run: ({ posts }) => posts.get("en")?.pots });
    return { inline, shared, inlineField, key, keyType, withHandle, missing, missingWith, misspelt, wrongType, wrongItem, notList, notListInline, wrongAs, mode, result, post };
  },
});
