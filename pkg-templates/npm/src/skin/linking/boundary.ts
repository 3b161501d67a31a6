// The private contract between this skin and the linking module (src/bindings/linking). JSON text in and out.
import type { LinkingEvidence } from "../../api/linking.js";

/** What the machine makes us do. `links`, `code`, `status` and `refresh` are requests, answered by their id. */
export type Action =
  | { do: Request; id: number }
  | { do: "listen" | "stop-listening" | "abort" | "revoke" }
  | { do: "linked"; link: { platform?: string; displayName?: string }; evidence: LinkingEvidence; playerChanged: boolean }
  | { do: "warn"; what: string; driftMs?: number };

export type Request = "links" | "code" | "status" | "refresh";

export interface Step {
  actions: Action[];
  wakeInMs?: number;
  revision: number;
}

export interface Machine {
  step(event: string, wall: number, monotonic: number): string;
  snapshot(wall: number, monotonic: number): string;
}

export interface LinkingGlue {
  init(module: WebAssembly.Module): Promise<unknown>;
  LinkingMachine: { create(options: string): Machine };
  readCode(text: string, format: string, link?: string): string;
  qrCode(text: string): string | undefined;
}
