// Requests whose answers have an end: a body that is longer than a limit is not read on, and whoever asked is told for which request. Redirections are not followed,
// since headers with secrets would go along. Knows no protocol.

/** `fetch` with a limit on the bytes of each answer; `exceeded` is given what was sent. */
export function boundedFetch(
  limitBytes: number,
  exceeded: (sent: string) => void,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const response = await fetch(url, { ...init, redirect: "manual" });
    const sent = typeof init?.body === "string" ? init.body : "";
    if (response.body === null) return response;
    let bytes = 0;
    const bounded = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          bytes += chunk.byteLength;
          if (bytes <= limitBytes) return controller.enqueue(chunk);
          exceeded(sent);
          controller.error(new Error("the answer is too large"));
        },
      }),
    );
    return new Response(bounded, { status: response.status, statusText: response.statusText, headers: response.headers });
  };
}
