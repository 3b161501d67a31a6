// A `Linking` that says what it is told to: faces are tested with snapshots, whatever made them. Runs in pages and in Node.

export class FakeLinking {
  calls = [];
  qr = undefined;
  #snapshot;
  #listeners = new Set();
  #linked = new Set();

  constructor(snapshot, qr) {
    this.#snapshot = snapshot;
    this.qr = qr;
    for (const name of ["start", "newCode", "keep", "cancel", "conceal", "reveal", "finished", "accountSwitched", "dispose"]) {
      this[name] = () => this.calls.push(name);
    }
  }

  get snapshot() {
    return this.#snapshot;
  }

  /** How many listen, to snapshots and to links. */
  get listeners() {
    return this.#listeners.size + this.#linked.size;
  }

  /** The next snapshot: the last one with changes. */
  next(changes) {
    this.#snapshot = { ...this.#snapshot, revision: this.#snapshot.revision + 1, ...changes };
    for (const listener of [...this.#listeners]) listener(this.#snapshot);
  }

  announce(key, args = {}) {
    this.next({ announce: { n: (this.#snapshot.announce?.n ?? 0) + 1, key, args } });
  }

  link(linked) {
    for (const listener of [...this.#linked]) listener(linked);
  }

  subscribe(listener) {
    this.#listeners.add(listener);
    listener(this.#snapshot);
    return () => this.#listeners.delete(listener);
  }

  onLinked(listener) {
    this.#linked.add(listener);
    return () => this.#linked.delete(listener);
  }
}
