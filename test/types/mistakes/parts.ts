// What the mistakes beside this file are made with. It holds none itself.

import { contract } from "kindling";
import { z } from "zod";

export const Draft = z.object({ title: z.string(), body: z.string() });
export const Review = z.object({ decision: z.enum(["approve", "edit", "reject"]), body: z.string() });
export const Channel = z.object({ id: z.string(), limit: z.number() });

/** The item contract: one post for a channel. */
export const channelPost = contract("channel-post", {
  inputs: { channel: Channel, text: z.string() },
  define(g, { channel, text }) {
    return { post: g.compute("post", { needs: { channel, text }, run: ({ channel, text }) => text.slice(0, channel.limit) }) };
  },
});

export const Inputs = { topic: z.string(), channels: z.array(Channel) };
