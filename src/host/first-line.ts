// The first line a socket sends: all that either side of the door ever reads.

import type { Socket } from "node:net";

/** Resolves with the text before the first line feed. Rejects when the socket fails, closes before that, or sends more than `limitBytes`. */
export function firstLine(socket: Socket, limitBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => {
      const end = chunk.indexOf(10);
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      bytes += chunk.length;
      if (end >= 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else if (bytes > limitBytes) reject(new Error(`the line is longer than ${limitBytes} bytes`));
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed without a whole line")));
  });
}
