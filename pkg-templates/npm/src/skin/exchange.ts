// The core's hands outside: one HTTP exchange, and waiting. What they mean is decided in Rust; this is JavaScript
// because as wasm the same lines weighed several kilobytes more.
import type { CoreHost, Json } from "../boundary.js";

type Fetch = typeof globalThis.fetch;

interface Request {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
  maxBody: number;
  keepalive?: boolean;
}

type Failure = "network" | "timeout" | "too-large" | "redirect" | "truncated" | "unusable";
type Answer = { failure: Failure } | { status: number; headers: Record<string, string>; body: string };

// The headers that mean something to the core. Browsers show others, and a mock's may be anything.
const HEADERS = ["retry-after", "date", "x-request-id", "x-correlation-id"];

/** One exchange, whole: headers and body before the deadline, no redirect followed, no body over the limit. */
export const exchange =
  (fetch: Fetch | undefined): CoreHost["exchange"] =>
  (text) => {
    const request = JSON.parse(text) as Request;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const promise = new Promise<Json<Answer>>((resolve) => {
      const end = (answer: Answer) => {
        clearTimeout(timer);
        resolve(JSON.stringify(answer));
      };
      timer = setTimeout(() => {
        end({ failure: "timeout" });
        controller.abort();
      }, request.timeoutMs);
      // Whatever is thrown or rejected, an `Error` or not: there is no answer.
      run(fetch, request, controller).then(end, () => end({ failure: "network" }));
    });
    return { promise, stop: () => (clearTimeout(timer), controller.abort()) };
  };

const run = async (fetch: Fetch | undefined, request: Request, controller: AbortController): Promise<Answer> => {
  const { method, url, headers, body, maxBody, keepalive } = request;
  const response = await (fetch ?? globalThis.fetch)(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(keepalive ? { keepalive } : {}),
    redirect: "manual",
    cache: "no-store",
    credentials: "omit",
    signal: controller.signal,
  });
  if (response.type === "opaqueredirect") return { failure: "redirect" };
  const status = Number(response.status);
  if (!(status >= 100 && status <= 999)) return { failure: "network" };
  const shown: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = response.headers.get(name);
    if (typeof value === "string") shown[name] = value;
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = await read(response, maxBody);
  } catch {
    return { failure: "truncated" };
  }
  if (!bytes) {
    controller.abort();
    return { failure: "too-large" };
  }
  return { status, headers: shown, body: decode(bytes) };
};

/** Chunk by chunk, so that a body without end is refused at the limit and not held whole first. */
export const read = async (response: Response, limit: number): Promise<Uint8Array | undefined> => {
  const reader = response.body?.getReader?.();
  if (!reader) return view(await response.arrayBuffer(), limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!ArrayBuffer.isView(value)) throw new TypeError("not bytes");
    size += value.byteLength;
    if (size > limit) {
      reader.cancel().catch(() => {}); // nobody reads the rest
      return undefined;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
};

const view = (buffer: ArrayBuffer, limit: number): Uint8Array | undefined =>
  buffer.byteLength > limit ? undefined : new Uint8Array(buffer);

// What is no UTF-8 is no JSON either: the core is given a text that says so, not a mended one.
const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return "\0";
  }
};

// A timer cannot be longer than 2^31 - 1 ms: a token of 30 days needs more than one.
const LONGEST_MS = 2 ** 30;

/** Waits, without keeping a Node process alive by itself. */
export const sleep: CoreHost["sleep"] = (ms) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const promise = new Promise<void>((resolve) => {
    const wait = (left: number) => {
      timer = setTimeout(() => (left > LONGEST_MS ? wait(left - LONGEST_MS) : resolve()), Math.min(left, LONGEST_MS));
      (timer as { unref?: () => void }).unref?.();
    };
    wait(ms);
  });
  return { promise, stop: () => clearTimeout(timer) };
};
