// The core's hands outside: one HTTP exchange, and waiting. What they mean is decided in Rust; this is JavaScript
// because as wasm the same lines weighed several kilobytes more.
import type { Asked } from "../boundary.js";
import { attempt } from "./attempt.js";

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

type Failure = "network" | "timeout" | "too-large" | "redirect" | "truncated";
/** JSON, or a failure's name as it is. */
type Answer = Failure | `{${string}`;

// The headers that mean something to the core. Browsers show others, and a mock's may be anything.
const HEADERS = ["retry-after", "date", "x-request-id", "x-correlation-id"];

/** One exchange, whole: headers and body before the deadline, no redirect followed, no body over the limit. */
export const exchange =
  (fetch: Fetch | undefined): Asked =>
  (text, _, stopped) => {
    const request = JSON.parse(text) as Request;
    const controller = new AbortController();
    return new Promise<Answer>((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(() => {
        resolve("timeout");
        controller.abort();
      }, request.timeoutMs);
      // Not when it is over: each abort costs an error with its stack trace.
      stopped(() => {
        clearTimeout(timer);
        if (timer) controller.abort();
      });
      // Whatever is thrown or rejected, an `Error` or not: there is no answer.
      run(fetch, request, controller)
        .catch((): Answer => "network")
        .then((answer) => {
          clearTimeout(timer);
          timer = undefined;
          resolve(answer);
        });
    });
  };

/** Cloudflare's workerd throws at fields that it has not got, where others leave out what means nothing to them. */
const known = (field: "cache" | "credentials", value: string): object =>
  field in (globalThis.Request?.prototype ?? {}) ? { [field]: value } : {};

const run = async (fetch: Fetch | undefined, request: Request, controller: AbortController): Promise<Answer> => {
  const { url, timeoutMs: _, maxBody, ...init } = request;
  const response = await (fetch ?? globalThis.fetch)(url, {
    ...init,
    ...known("cache", "no-store"),
    ...known("credentials", "omit"),
    redirect: "manual",
    signal: controller.signal,
  });
  if (response.type === "opaqueredirect") return "redirect";
  const status = Number(response.status);
  if (!(status >= 100 && status <= 999)) return "network";
  const headers: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = response.headers.get(name);
    if (typeof value === "string") headers[name] = value;
  }
  let body: string | undefined;
  try {
    body = await read(response, maxBody);
  } catch {
    return "truncated";
  }
  if (body !== undefined) return JSON.stringify({ status, headers, body }) as Answer;
  controller.abort();
  return "too-large";
};

/** Chunk by chunk, so that a body without end is refused at the limit and not held whole first. */
export const read = async (response: Response, limit: number): Promise<string | undefined> => {
  const reader = response.body?.getReader?.();
  const chunks: (ArrayBuffer | ArrayBufferView<ArrayBuffer>)[] = [];
  let size = 0;
  const isTooMuch = (chunk: ArrayBuffer | ArrayBufferView<ArrayBuffer>) => {
    chunks.push(chunk);
    return (size += chunk.byteLength) > limit;
  };
  if (!reader) return isTooMuch(await response.arrayBuffer()) ? undefined : decode(chunks);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return decode(chunks);
    if (!ArrayBuffer.isView(value)) throw new TypeError("not bytes");
    if (isTooMuch(value)) {
      reader.cancel().catch(() => {}); // nobody reads the rest
      return undefined;
    }
  }
};

export const decoder = (): TextDecoder => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// What is no UTF-8 is no JSON either: the core is given a text that says so, not a mended one.
const decode = (chunks: (ArrayBuffer | ArrayBufferView<ArrayBuffer>)[]): string => {
  const utf8 = decoder();
  const stream = true;
  return attempt(() => chunks.map((chunk) => utf8.decode(chunk, { stream })).join("") + utf8.decode()) ?? "\0";
};

// A timer cannot be longer than 2^31 - 1 ms: a token of 30 days needs more than one.
const LONGEST_MS = 2 ** 30;

/** Waits, without keeping a Node process alive by itself. */
export const sleep: Asked = (ms, _, stopped) =>
  new Promise<void>((resolve) => {
    const wait = (left: number) => {
      const timer = setTimeout(
        () => (left > LONGEST_MS ? wait(left - LONGEST_MS) : resolve()),
        Math.min(left, LONGEST_MS),
      );
      (timer as unknown as { unref?: () => void }).unref?.();
      stopped(() => clearTimeout(timer));
    };
    wait(Number(ms));
  });
