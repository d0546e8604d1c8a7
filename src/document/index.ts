// `kindling/document`: contracts as data. A contract goes out as JSON and comes in again, with its code named by executors.

export { fromDocument, type DocumentSources, type ReadContract } from "./from-document.ts";
export { documentSchema } from "./document-schema.ts";
export { toDocument, type ContractDocument } from "./to-document.ts";
