// Requests whose answers have an end: a body that is longer than a limit is not read on, and whoever asked is told for which request. Knows no protocol.

/** `fetch` with a limit on the bytes of each answer to a request with a body. */
export function boundedFetch(
  limitBytes: number,
  exceeded: (body: string) => void,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const response = await fetch(url, init);
    const asked = init?.body;
    if (response.body === null || typeof asked !== "string") return response;
    let bytes = 0;
    const bounded = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          bytes += chunk.byteLength;
          if (bytes <= limitBytes) return controller.enqueue(chunk);
          exceeded(asked);
          controller.error(new Error("the answer is too large"));
        },
      }),
    );
    return new Response(bounded, { status: response.status, statusText: response.statusText, headers: response.headers });
  };
}
