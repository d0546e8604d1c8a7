// A client of the 2025 era whose connection breaks before it has its answer: by that era's rules this cancels nothing, and the client may come back for the answer.
// So its calls are answered, but wait no longer: nobody may keep places by going away. What a call has begun goes on in any case.

import type { ServerContext } from "@modelcontextprotocol/server";

/** By the request that a call came with. */
const left = new WeakMap<Request, AbortSignal>();

/** Aborted when the client cancels its call, or is not there any more to hear the answer. */
export function waitSignal({ mcpReq: { signal }, http }: ServerContext): AbortSignal {
  const gone = http?.req === undefined ? undefined : left.get(http.req);
  return gone === undefined ? signal : AbortSignal.any([signal, gone]);
}

/** Answers a request so that its calls are told when the reader of the response goes before the end. */
export async function toldOfLeaving(request: Request, answer: () => Promise<Response>): Promise<Response> {
  const gone = new AbortController();
  left.set(request, gone.signal);
  const response = await answer();
  if (response.body === null) return response;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async (reason) => {
      gone.abort(reason);
      await reader.cancel(reason);
    },
  });
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
}
