// What `kindling/otel` gives to others.

export { otel, type OtelOptions } from "./otel.ts";
