// The files that OpenAI's APIs take, and the endings they are told apart by (developers.openai.com/api/docs/guides/file-inputs).

/** By media type. Of text files there are more, with code of every language: these are the ones with a media type of their own. */
export const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
  "application/pdf": "pdf",
  "text/plain": "txt",
  "text/markdown": "md",
  "text/html": "html",
  "text/csv": "csv",
  "application/json": "json",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
};

/** A file as the APIs take it inline. */
export function dataUrl(mediaType: string, base64: string): string {
  return `data:${mediaType};base64,${base64}`;
}

/** The name of a file; its ending says what it is, so one without a name gets one. */
export function fileName(mediaType: string, name: string | undefined): string {
  return name ?? `document.${EXTENSIONS[mediaType] ?? "bin"}`;
}
