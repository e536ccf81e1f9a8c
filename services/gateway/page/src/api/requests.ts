/** What the API is asked with: the part of `openapi-fetch` that the page uses, in a tenth of its size. */
export interface Asked {
  readonly params?: {
    readonly path?: Readonly<Record<string, unknown>>;
    readonly query?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, unknown>>;
  };
  readonly body?: unknown;
  /** Gives the body as it is sent; JSON unless it does otherwise. */
  readonly bodySerializer?: (body: unknown) => string | FormData;
  readonly signal?: AbortSignal;
}

/** The address of a request: its path filled in, and its query; a list in it is a name several times. */
export function addressOf(path: string, { params }: Asked): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(params?.path?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params?.query ?? {}))
    for (const one of [value].flat()) if (one !== undefined && one !== null) query.append(name, String(one));
  return query.size > 0 ? `${filled}?${query}` : filled;
}

/** How it is sent. */
export function sendingOf(method: string, { params, body, bodySerializer, signal }: Asked, language: string) {
  const headers = new Headers({ "Accept-Language": language });
  for (const [name, value] of Object.entries(params?.header ?? {})) headers.set(name, String(value));
  const sent = body === undefined ? null : (bodySerializer ?? JSON.stringify)(body);
  if (typeof sent === "string") headers.set("Content-Type", "application/json");
  return { method, headers, body: sent, signal: signal ?? null } satisfies RequestInit;
}

/** What a text is as JSON; null if it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
