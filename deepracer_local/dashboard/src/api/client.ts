/** The one way to the JSON API: typed by route, with failures as `ApiError`. */
import type { Answers, ErrorBody } from "./types";

export type Route = keyof Answers;

export interface Request {
  /** Values of the route's {names}. */
  params?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | null | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  form?: FormData;
  signal?: AbortSignal;
  idempotencyKey?: string;
}

/** An answer that is not a success; `status` 0 where the service could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code: string = "UNREACHABLE",
    readonly field: string | null = null,
    readonly line: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

/** Sends a request and returns its answer. Throws `ApiError`, or the signal's `AbortError`. */
export async function call<R extends Route>(route: R, request: Request = {}): Promise<Answers[R]> {
  const method = route.slice(0, route.indexOf(" "));
  const headers: Record<string, string> = { Accept: "application/json, text/*;q=0.9" };
  if (request.body !== undefined) headers["Content-Type"] = "application/json";
  if (request.idempotencyKey) headers["Idempotency-Key"] = request.idempotencyKey;
  let response: Response;
  try {
    response = await fetch(addressOf(route, request), {
      method,
      headers,
      body: request.form ?? (request.body === undefined ? undefined : JSON.stringify(request.body)),
      signal: request.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The service does not answer. Is `deepracer-local serve` still running?");
  }
  // Health says in its body what is wrong; that is an answer.
  if (!response.ok && !(route === "GET /readyz" && response.status === 503)) throw await failureOf(response);
  if (response.status === 204) return null as Answers[R];
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return (isJson ? await response.json() : await response.text()) as Answers[R];
}

/** Returns the address of a route with its values in it, for links and downloads too. */
export function addressOf(route: Route, { params = {}, query = {} }: Request = {}): string {
  const path = route
    .slice(route.indexOf(" ") + 1)
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? "")));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  return search.size > 0 ? `${path}?${search}` : path;
}

/** Returns a sentence for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function failureOf(response: Response): Promise<ApiError> {
  try {
    const body = (await response.json()) as ErrorBody;
    return new ApiError(response.status, body.message, body.code, body.field ?? null, body.line ?? null);
  } catch {
    return new ApiError(response.status, `The service answered ${response.status} without saying why.`, "ERROR");
  }
}
