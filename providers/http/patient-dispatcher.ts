// Node's own fetch gives up after five minutes without a header or a byte, which a large prompt on a small machine can take. The limits
// are those of its dispatcher, so a call that may be silent for longer gets one of the same kind (a proxy's included) without them.

/** What fetch without other word allows, as undici documents it (`headersTimeout`, `bodyTimeout`). */
const RUNTIME_IDLE_MS = 300_000;
/** Where undici keeps the dispatcher that all its copies share, since 5.0. */
const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

/** Those that can be made without knowing more: the plain one, and the one for proxies named in the environment. */
const MAKEABLE: ReadonlySet<string> = new Set(["Agent", "EnvHttpProxyAgent"]);

type Dispatcher = NonNullable<RequestInit["dispatcher"]>;

let patient: { readonly made: Dispatcher; readonly by: unknown } | undefined;

/** The member for fetch's options: empty when the runtime's own limits do, and where the runtime has another fetch. */
export function patientDispatcher(idleMs: number): { readonly dispatcher?: Dispatcher } {
  if (idleMs > 0 && idleMs <= RUNTIME_IDLE_MS) return {};
  // Node sets it when one of undici's classes is first looked at, which need not have happened before the first call.
  void globalThis.Response;
  const shared: unknown = Reflect.get(globalThis, GLOBAL_DISPATCHER);
  if (typeof shared !== "object" || shared === null || !MAKEABLE.has(shared.constructor.name)) return {};
  // Made once, since it keeps the connections; made anew when somebody sets another one for the whole process.
  if (patient?.by !== shared.constructor) {
    // The constructors of these two take the same options, and what they make is what fetch takes.
    const made = Reflect.construct(shared.constructor, [{ headersTimeout: 0, bodyTimeout: 0 }]) as Dispatcher;
    patient = { made, by: shared.constructor };
  }
  return { dispatcher: patient.made };
}
