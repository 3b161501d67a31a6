// A lock between processes, made of files that are created and never replaced: `name.N.lock`. Who creates the highest N
// has it; the next may create N + 1 once N is given back, its process is gone, or nothing was heard of it for 10 s. So two
// who both find a lock abandoned cannot both take it, which deleting and creating one file would let them.
import { readlinkSync, utimesSync } from "node:fs";
import { open, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

const BEAT_MS = 2_000;
const SILENCE_MS = 10_000;
const FREE = "free";

export interface FileLock {
  /** `false` when it was taken away meanwhile. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export const lockFile = async (folder: string, name: string, signal: AbortSignal): Promise<FileLock> => {
  const path = (number: number) => join(folder, `${name}.${number}.lock`);
  const highest = async () => Math.max(0, ...(await numbers(folder, name)));
  // What was last seen of the lock, and since when: by this clock alone, since others' may be wrong.
  let seen: string | undefined;
  let since = 0;
  for (let wait = 2; ; wait = Math.min(wait * 1.5, 50)) {
    signal.throwIfAborted();
    const number = await highest();
    const found = number ? await look(path(number)) : FREE;
    if (found !== seen) [seen, since] = [found, performance.now()];
    const isFree = found === FREE || isOrphan(found) || performance.now() - since > SILENCE_MS;
    if (isFree && (await create(path(number + 1)))) {
      const mine = path(number + 1);
      // Unless it was seen too long ago, and others have come and gone since.
      if ((await highest()) === number + 1) {
        for (const old of await numbers(folder, name)) if (old <= number) await rm(path(old), { force: true });
        return hold(mine, async () => (await highest()) === number + 1);
      }
      await rm(mine, { force: true });
    }
    await pause(wait * (0.5 + Math.random()));
  }
};

const hold = (path: string, isHighest: () => Promise<boolean>): FileLock => {
  const beat: NodeJS.Timeout = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      clearInterval(beat);
    }
  }, BEAT_MS);
  beat.unref();
  return {
    isHeld: isHighest,
    async release() {
      clearInterval(beat);
      try {
        // Never created anew: it may have been taken away.
        await writeFile(path, FREE, { flag: "r+" });
      } catch {
        // Its folder is gone.
      }
    },
  };
};

const numbers = async (folder: string, name: string): Promise<number[]> => {
  const found: number[] = [];
  for (const file of await readdir(folder)) {
    const [start, number, end, ...more] = file.split(".");
    if (start === name && end === "lock" && !more.length) found.push(Number(number) || 0);
  }
  return found;
};

const create = async (path: string): Promise<boolean> => {
  let file;
  try {
    file = await open(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  await file.writeFile(own()).finally(() => file.close());
  return true;
};

/** Who holds it and when he was last heard of. */
const look = async (path: string): Promise<string> => {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return text.startsWith(FREE) ? FREE : `${text}\n${mtimeMs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
};

// Process ids mean something on the same machine only, and in the same container.
const place = (): string => {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Linux only.
  }
  return `${hostname()} ${namespace}`;
};
const own = (): string => `${process.pid}\n${place()}`;

const isOrphan = (found: string): boolean => {
  const [pid, where] = found.split("\n");
  if (where !== place()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
};

/** Waits, without keeping the process alive. */
export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms).unref());
