// Does what the machine says: requests, one timer, listeners. It decides nothing.
import type { Linking, LinkingEvidence, LinkingOptions, LinkingSnapshot, LinkingSource } from "../../api/linking.js";
import type { Action, Machine, Request, Step } from "./boundary.js";
import type { LinkingInstance } from "./instance.js";
import { shareLinks } from "./shared-links.js";

type Linked = { platform?: string; displayName?: string; evidence: LinkingEvidence; playerChanged: boolean };

export class Driver implements Linking {
  readonly #instance: LinkingInstance;
  readonly #source: LinkingSource;
  readonly #options: LinkingOptions;
  readonly #machine: Machine;
  #snapshot: LinkingSnapshot;
  readonly #listeners = new Set<(snapshot: LinkingSnapshot) => void>();
  readonly #linkedListeners = new Set<(linked: Linked) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #request: AbortController | undefined;
  #stopListening: (() => void) | undefined;
  #detach: (() => void) | undefined;
  #disposed = false;
  #qr: Linking["qr"] | null = null;

  constructor(instance: LinkingInstance, source: LinkingSource, options: LinkingOptions) {
    this.#instance = instance;
    this.#source = source;
    this.#options = options;
    const { companionUrl: _, log: __, ...data } = options;
    const offers = (name: "listen" | "status" | "links" | "refresh" | "revoke") => typeof source[name] === "function";
    const text = JSON.stringify({
      ...data,
      service: source.service,
      capabilities: source.capabilities ?? {},
      offered: {
        listen: offers("listen"),
        status: offers("status"),
        links: offers("links"),
        refresh: offers("refresh"),
        revoke: offers("revoke"),
      },
      seed: Math.floor(Math.random() * 0x1_0000_0000),
    });
    this.#machine = instance.sync(() => instance.glue.LinkingMachine.create(text));
    this.#snapshot = this.#look();
  }

  get snapshot(): LinkingSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: (snapshot: LinkingSnapshot) => void): () => void {
    const own = (snapshot: LinkingSnapshot) => listener(snapshot);
    this.#listeners.add(own);
    call(own, this.#snapshot);
    return () => void this.#listeners.delete(own);
  }

  onLinked(listener: (linked: Linked) => void): () => void {
    const own = (linked: Linked) => listener(linked);
    this.#linkedListeners.add(own);
    return () => void this.#linkedListeners.delete(own);
  }

  start(): void {
    this.#attach();
    this.#step({ type: "start" });
  }

  newCode(): void {
    this.#attach();
    this.#step({ type: "new-code" });
  }

  keep = (): void => this.#step({ type: "keep" });
  cancel = (): void => this.#step({ type: "cancel" });
  conceal = (): void => this.#step({ type: "conceal" });
  reveal = (): void => this.#step({ type: "reveal" });
  finished = (): void => this.#step({ type: "finished" });
  accountSwitched = (): void => this.#step({ type: "account-switched" });

  get qr(): Linking["qr"] {
    if (this.#qr === null) {
      const text = this.#options.companionUrl;
      const code = text === undefined ? undefined : qrOf(this.#instance, text);
      this.#qr = code && { ...code, text: text! };
    }
    return this.#qr;
  }

  dispose(): void {
    this.#step({ type: "dispose" });
    this.#disposed = true;
    this.#detach?.();
    this.#listeners.clear();
    this.#linkedListeners.clear();
  }

  #step(event: object): void {
    if (this.#disposed) return;
    let step: Step;
    try {
      const text = JSON.stringify(event);
      step = JSON.parse(this.#instance.sync(() => this.#machine.step(text, Date.now(), performance.now()))) as Step;
      if (step.revision !== this.#snapshot.revision) this.#snapshot = this.#look();
    } catch {
      step = this.#broken();
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (step.wakeInMs !== undefined) {
      // A longer one would fire at once.
      this.#timer = setTimeout(() => this.#step({ type: "tick" }), Math.min(step.wakeInMs, 0x7fff_ffff));
    }
    const { revision } = this.#snapshot;
    for (const action of step.actions) this.#do(action);
    // An action or a listener may have gone on by itself: then the later step has told of it.
    if (this.#snapshot.revision === revision && this.#told !== revision) {
      this.#told = revision;
      for (const listener of [...this.#listeners]) call(listener, this.#snapshot);
    }
  }

  #told = 0;

  #look(): LinkingSnapshot {
    const text = this.#instance.sync(() => this.#machine.snapshot(Date.now(), performance.now()));
    return JSON.parse(text) as LinkingSnapshot;
  }

  /** The module trapped: nothing can be known any more, and nothing is done. */
  #broken(): Step {
    const { code: _, error: __, linked: ___, announce, ...rest } = this.#snapshot;
    const error = { kind: "internal", choices: [], retryable: false };
    const n = (announce?.n ?? 0) + 1;
    const revision = this.#snapshot.revision + 1;
    this.#snapshot = { ...rest, revision, state: "failed", groups: [], spelled: [], actions: ["close"], error, announce: { n, key: "error", args: { kind: "internal" } } };
    return { actions: [{ do: "abort" }, { do: "stop-listening" }], revision };
  }

  #do(action: Action): void {
    switch (action.do) {
      case "links":
      case "code":
      case "status":
      case "refresh":
        return this.#ask(action.do, action.id);
      case "abort":
        return this.#request?.abort();
      case "listen":
        return this.#listen();
      case "stop-listening":
        this.#stopListening?.();
        this.#stopListening = undefined;
        return;
      case "revoke":
        // Nobody waits: the code dies by itself as well.
        return void quietly(() => this.#source.revoke?.({ signal: new AbortController().signal }));
      case "warn":
        return this.#warn(action);
      case "linked": {
        const { link, evidence, playerChanged } = action;
        this.#links?.linked({ ...link, evidence });
        for (const listener of [...this.#linkedListeners]) call(listener, { ...link, evidence, playerChanged });
      }
    }
  }

  #ask(what: Request, id: number): void {
    const request = (this.#request = new AbortController());
    const { signal } = request;
    const answer = async (): Promise<object> => {
      try {
        const answer = await this.#call(what, signal);
        JSON.stringify(answer); // what is no data is no answer
        return { of: what, answer };
      } catch (error) {
        return { failure: failure(error) };
      }
    };
    void answer().then((reply) => {
      if (!signal.aborted) this.#step({ type: "reply", id, ...reply });
    });
  }

  async #call(what: Request, signal: AbortSignal): Promise<unknown> {
    switch (what) {
      case "code": {
        const { code, expiresInMs } = await this.#source.requestCode({ signal });
        return { code, expiresInMs };
      }
      case "status":
        return this.#source.status!({ signal });
      case "refresh":
        return this.#source.refresh!({ signal });
      case "links":
        return this.#links ? this.#links.ask(signal) : this.#source.links!({ signal });
    }
  }

  #links: ReturnType<typeof shareLinks>;

  #listen(): void {
    let over = false;
    let stop: (() => void) | undefined;
    this.#stopListening = () => {
      over = true;
      void quietly(() => stop?.());
    };
    try {
      stop = this.#source.listen!((news) => {
        if (!over) this.#step({ type: "pushed", news });
      });
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** From the first start on: whether somebody looks, and what other tabs of the account find out. */
  #attach(): void {
    if (this.#detach || this.#disposed) return;
    const page = globalThis.document as Document | undefined;
    const seen = () => this.#step({ type: page!.visibilityState === "hidden" ? "hidden" : "visible" });
    const resumed = () => this.#step({ type: "visible" });
    page?.addEventListener("visibilitychange", seen);
    page?.addEventListener("resume", resumed);
    if (page) globalThis.addEventListener("pageshow", resumed);
    this.#links = shareLinks(this.#source, (link) => this.#step({ type: "elsewhere", link }));
    this.#detach = () => {
      page?.removeEventListener("visibilitychange", seen);
      page?.removeEventListener("resume", resumed);
      if (page) globalThis.removeEventListener("pageshow", resumed);
      this.#links?.close();
    };
    if (page?.visibilityState === "hidden") this.#step({ type: "hidden" });
  }

  #warn({ what, driftMs }: Extract<Action, { do: "warn" }>): void {
    const entry = { level: "warn" as const, event: `linking-${what}`, fields: driftMs === undefined ? {} : { driftMs } };
    const log = this.#options.log ?? (({ event, fields }) => console.warn(`playerlink: ${event}`, fields));
    void quietly(() => log(entry));
  }
}

/** Square and dark modules; nothing where the text is too long. */
export const qrOf = (instance: LinkingInstance, text: string): { size: number; modules: boolean[] } | undefined => {
  const bits = instance.sync(() => instance.glue.qrCode(String(text)));
  return bits === undefined ? undefined : { size: Math.sqrt(bits.length), modules: Array.from(bits, (bit) => bit === "1") };
};

/** What was thrown, as far as it tells what to do. Its text stays here: it may hold anything. */
const failure = (error: unknown): object => {
  const { kind, name, status, code, retryAfterMs } = Object(error) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : undefined);
  return { kind: text(kind), name: text(name), status: number(status), code: text(code), retryAfterMs: number(retryAfterMs) };
};

/** A listener's error is reported as uncaught, like an event listener's, and keeps nobody else from theirs. */
const call = <T>(listener: (value: T) => void, value: T): void => {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};

const quietly = async (work: () => unknown): Promise<void> => {
  try {
    await work();
  } catch {
    // Told to nobody: nothing depends on it.
  }
};
