// Hears from the companion server when a link happened: server-sent events, read by `fetch`, because an `EventSource`
// cannot send the player's token. Comes back after every lost connection and is told what it missed.

/** Waits after a lost connection, in milliseconds; the last one stays. */
const WAITS_MS = [500, 2_000, 5_000, 15_000, 30_000];
/** The server says something every 15 seconds, and how often exactly when the stream begins. */
const SILENCE_MS = 40_000;

/**
 * `open(path, init)`: a `fetch` that sends the player's token, e.g. `session.fetch`. `ended()`: the player is signed in no
 * more. Nothing is asked for before `start()`.
 */
export const createLinkEvents = ({ open, ended, waitsMs = WAITS_MS }) => {
  const listeners = new Set();
  let running; // an AbortController while it is started
  let hangUp = () => {};
  let nudge = () => {};
  let ready;
  let isReady;

  const pause = (ms) =>
    new Promise((done) => {
      const timer = setTimeout(done, ms);
      nudge = () => (clearTimeout(timer), done());
    });

  const over = () => {
    stop();
    ended();
  };

  /** One connection, to its end. Answers how long to wait before the next, where the server says so. */
  const connect = async (place) => {
    const line = new AbortController();
    hangUp = () => line.abort();
    let silence = setTimeout(hangUp, SILENCE_MS);
    try {
      // Without a position, what happened since this was started: as a length of time, so that no two clocks must agree.
      const query = place.id === undefined ? `?withinMs=${Math.ceil(performance.now() - place.since)}` : "";
      const headers = place.id === undefined ? {} : { "last-event-id": place.id };
      const response = await open(`/api/links/events${query}`, { headers, signal: line.signal, cache: "no-store" });
      if (response.status === 401) return over();
      if (!response.ok) {
        const seconds = Number(response.headers.get("retry-after"));
        return seconds > 0 ? seconds * 1_000 : undefined;
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      let silenceMs = SILENCE_MS;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        clearTimeout(silence);
        silence = setTimeout(hangUp, silenceMs);
        text += value;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        for (const block of blocks) {
          const field = (name) => block.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
          const event = field("event");
          if (!event) continue; // a heartbeat
          const data = JSON.parse(field("data"));
          place.id = field("id");
          place.failures = 0;
          if (event === "ready") {
            silenceMs = 2.5 * data.heartbeatMs;
            isReady();
          }
          if (event === "link") for (const tell of [...listeners]) tell(data);
        }
      }
    } finally {
      clearTimeout(silence);
    }
  };

  const run = async (signal) => {
    const place = { since: performance.now(), id: undefined, failures: 0 };
    while (!signal.aborted) {
      let waitMs;
      try {
        waitMs = await connect(place);
      } catch (error) {
        if (error.kind === "session-over" && !signal.aborted) return over();
      }
      if (signal.aborted) return;
      const planned = waitsMs[Math.min(place.failures++, waitsMs.length - 1)];
      // Many pages lose one server at the same moment; they should not come back at the same moment.
      await pause(waitMs ?? planned * (0.75 + Math.random() / 2));
    }
  };

  // Back on the network a connection may be dead without knowing it.
  const online = () => {
    hangUp();
    nudge();
  };

  const stop = () => {
    running?.abort();
    running = undefined;
    online();
    globalThis.removeEventListener?.("online", online);
  };

  return {
    /**
     * Starts listening, and waits until the server counts us in, but no longer than `patienceMs`: a code can be shown
     * without, since what is missed meanwhile is told later.
     */
    async start(patienceMs = 2_000) {
      if (!running) {
        running = new AbortController();
        ready = new Promise((done) => (isReady = done));
        globalThis.addEventListener?.("online", online);
        void run(running.signal);
      }
      await Promise.race([ready, new Promise((done) => setTimeout(done, patienceMs))]);
    },
    /** Calls `tell` for each event: `{ platform, displayName?, conflict?, atMs }`. The last one that leaves ends it all. */
    listen(tell) {
      listeners.add(tell);
      return () => {
        listeners.delete(tell);
        if (listeners.size === 0) stop();
      };
    },
    stop,
  };
};
