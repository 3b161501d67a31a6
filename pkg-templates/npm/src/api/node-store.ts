// The value of `playerlink/node-store`. A declaration only.
import type { SessionStore } from "./store.js";

/**
 * Keeps sessions in files of this folder, which is made when it is missing: readable by this user only (not on Windows,
 * where the folder's own rights count), each replaced whole or not at all. Several processes may use the same folder; a
 * lock is taken from a process that has died at once, and from one that is frozen after 10 s. Put the folder on a local
 * disk.
 */
export declare function fileStore(folder: string): SessionStore;
