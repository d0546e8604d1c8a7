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
      // error at `topik`: Property 'topik' does not exist on type 'ItemHandles<{ id: string; limit: number; }, "channel", { topic: Node<string>; }>'.
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
    // error at `key` #2: Type '(channel: { id: string; limit: number; }) => number' is not assignable to type '"id" | 
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
    // error at `over`: Type 'Node<string[]>' is not assignable to type 'Node<Source<{ id: string; limit: number; }, never>>'.
    const wrongItem = g.collection("wrong-item", { over: words, as: "channel", key: (word) => word, with: { text: topic }, each: channelPost });
    // error at `over`: Type 'Node<string>' is not assignable to type 'Node<Source<{ id: string; limit: number; }, never>>'.
    // error at `channel` #3: 'channel' is of type 'unknown'.
    const notList = g.collection("not-list", { over: topic, as: "channel", key: (channel) => channel.id, with: { text: topic }, each: channelPost });
    // error at `over`: Type 'Node<number>' is not assignable to type 'Node<Source<unknown, never>>'.
    const notListInline = g.collection("not-list-inline", { over: size, as: "item", key: (item) => String(item), each: (g, { item }) => item });
    // error at `as` #2: Type '"chanel"' is not assignable to type '"channel" | "text"'. Did you mean '"channel"'?
    const wrongAs = g.collection("wrong-as", { over: channels, as: "chanel", key: (channel) => channel.id, with: { text: topic }, each: channelPost });
    // error at `mode` #3: Type '"failfast"' is not assignable to type '"collect" | "failFast"'. Did you mean '"failFast"'?
    const mode = g.collection("mode", { over: channels, as: "channel", key: (channel) => channel.id, with: { text: topic }, each: channelPost, mode: "failfast" });
    // error at `sucesses`: Property 'sucesses' does not exist on type 'CollectionResult<{ readonly post: string; }>'. Did you mean 'successes'?
    const result = g.compute("result", { needs: { posts: mode }, run: ({ posts }) => posts.sucesses });
    // error at `pots`: Property 'pots' does not exist on type '{ readonly post: string; }'.
    const post = g.compute("post", { needs: { posts: mode }, run: ({ posts }) => posts.get("en")?.pots });
    const byName = g.compute("by-name", { needs: { channels }, run: ({ channels }) => Object.fromEntries(channels.map((channel) => [channel.id, channel])) });
    // error at `over`: Type 'Node<{ id: string; limit: number; }[]>' is not assignable to type 'Node<Source<{ id: string; limit: number; }, "no key">>'.
    const noKey = g.collection("no-key", { over: channels, as: "channel", with: { text: topic }, each: channelPost });
    // error at `key`: Type '"idd"' is not assignable to type '"id" |
    const noField = g.collection("no-field", { over: channels, as: "channel", key: "idd", with: { text: topic }, each: channelPost });
    // error at `key` #2: Type '"limit"' is not assignable to type '"id" |
    const noText = g.collection("key-no-text", { over: channels, as: "channel", key: "limit", with: { text: topic }, each: channelPost });
    // error at `over`: Type 'Node<{ [k: string]: { id: string; limit: number; }; }>' is not assignable
    const keyOfRecord = g.collection("record", { over: byName, as: "channel", key: "id", with: { text: topic }, each: channelPost });
    // error at `over`: Type 'Node<{ [k: string]: { id: string; limit: number; }; }>' is not assignable
    const keyedRecord = g.collection("keyed", { over: byName, as: "channel", key: (channel) => channel.id, with: { text: topic }, each: channelPost });
    // error at `over`: Type 'Node<CollectionResult<{ readonly post: string; }>>' is not assignable
    const again = g.collection("again", { over: mode, as: "item", each: (_g, { item }) => item });
    // error at `limt`: Property 'limt' does not exist on type '{ id: string; limit: number; }'. Did you mean 'limit'?
    const members = g.collection("members", { over: byName, as: "channel", each: (g, { channel }) => g.compute("limit", { needs: { channel }, run: ({ channel }) => channel.limt }) });
    return { noKey, noField, noText, keyOfRecord, keyedRecord, again, members, inline, shared, inlineField, key, keyType, withHandle, missing, missingWith, misspelt, wrongType, wrongItem, notList, notListInline, wrongAs, mode, result, post };
  },
});
