// `playerlink/node-store`: sessions in files, for several processes at once. Each text is written to a new file, flushed,
// and renamed over the old one: after a crash at any point the old text is there, or the new one.
/// <reference types="node" />
import { createHash, randomUUID } from "node:crypto";
import { watch } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SessionStore } from "../api/store.js";
import { queue } from "./lock.js";
import { type FileLock, lockFile, pause } from "./node-lock.js";

// How often a file that something else (a virus scanner on Windows) has open is tried to be replaced.
const RENAMES = 10;

// Keys may be long, differ in case only, and hold what Windows forbids in names; the file begins with the key itself.
const nameOf = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 32);

export const fileStore = (folder: string): SessionStore => {
  const fileOf = (key: string) => join(folder, `${nameOf(key)}.json`);
  const inProcess = queue();
  const never = new AbortController().signal;

  const load = async (key: string): Promise<string | null> => {
    try {
      const text = await readFile(fileOf(key), "utf8");
      return text.startsWith(`${key}\n`) ? text.slice(key.length + 1) : null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw told(error);
    }
  };

  const locked = async (name: string, signal: AbortSignal): Promise<FileLock> => {
    const release = await inProcess(name, signal);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const lock = await lockFile(folder, name, signal);
      return { isHeld: lock.isHeld, release: () => lock.release().finally(release) };
    } catch (error) {
      release();
      throw told(error);
    }
  };

  const replace = async (key: string, text: string, lock: FileLock): Promise<void> => {
    const draft = join(folder, `${nameOf(key)}.${randomUUID().slice(0, 8)}.new`);
    try {
      const file = await open(draft, "wx", 0o600);
      try {
        await file.writeFile(`${key}\n${text}`);
        await file.sync();
      } finally {
        await file.close();
      }
      // A process that was frozen for long may have lost it.
      if (!(await lock.isHeld())) throw new Error("the folder's lock was lost");
      await renamed(draft, fileOf(key));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await flush(folder);
  };

  return {
    load,
    async compareAndSwap(key, expected, next) {
      // What has begun to be stored is stored, also when nothing else keeps the process alive.
      const alive = setInterval(() => {}, 2 ** 30);
      let lock: FileLock | undefined;
      try {
        lock = await locked("folder", never);
        if ((await load(key)) !== expected) return false;
        if (next !== null) await replace(key, next, lock);
        else await rm(fileOf(key), { force: true });
        return true;
      } catch (error) {
        throw told(error);
      } finally {
        await lock?.release();
        clearInterval(alive);
      }
    },
    watch(key, changed) {
      const name = `${nameOf(key)}.json`;
      try {
        const watcher = watch(folder, { persistent: false }, (_, file) => file === name && changed());
        watcher.on("error", () => watcher.close());
        return () => watcher.close();
      } catch {
        return () => {};
      }
    },
    async lock(name, signal) {
      const lock = await locked(nameOf(name), signal);
      return () => void lock.release();
    },
  };
};

const renamed = async (from: string, to: string): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const busy = ["EPERM", "EACCES", "EBUSY"].includes((error as NodeJS.ErrnoException).code ?? "");
      if (!busy || tries === RENAMES) throw error;
      await pause(10);
    }
  }
};

// Makes the rename itself survive a power cut, where the system can: Windows opens no folders.
const flush = async (folder: string): Promise<void> => {
  try {
    const opened = await open(folder, "r");
    await opened.sync().finally(() => opened.close());
  } catch {
    // As good as it gets.
  }
};

// Without the path: it holds the user's name.
const told = (error: unknown): Error => {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? new Error(`the folder of the sessions: ${code}`) : (error as Error);
};
