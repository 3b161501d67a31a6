// The private contract between this skin and the wasm module (src/bindings/web). Not part of the package's types.
import type { InvalidField, PlayerLinkErrorBase, Agreements, ErrorKind, Restriction, SessionOverReason } from "./api/errors.js";

/** JSON text of a `T`. Objects cross as text: one reader and writer in the core, in place of one for each shape. */
export type Json<T> = string & { readonly of?: T };
export type Args = Json<object> | undefined;

/** What the core asks of a client's host: the same numbers are in src/host/web.rs. */
export enum What {
  /** One HTTP exchange; never rejects. */
  Exchange,
  Sleep,
  /** Ends when the lock is held; stopping gives it back, or up. With a text: there are no locks. */
  Lock,
  /** Tells `online`, `resumed`, or the JSON of what another tab broadcast. */
  Listen,
  Load,
  Swap,
  /** A credential with a fresh platform ticket. */
  Ticket,
  /** Whether a signature is right; servers only. */
  Verify,
  /** From here on: done at once. Whether what is stored outlives the page or process. */
  Durable,
  /** `false` only when the browser says that there is no network. */
  Online,
  /** Tells other tabs of a record's new generation. */
  Broadcast,
  Log,
}

/**
 * Does what the core asks. The argument is a plain text or JSON. What takes time comes to a text or nothing, and gives
 * `stopped` what ends it, whatever that throws or rejects with; stopping what is done does nothing.
 */
export type Asked = (argument: string, tell: (news: string) => void, stopped: (stop: () => unknown) => void) => unknown;

export type CoreHost = Partial<Record<What, Asked>>;

/** What the core rejects with, as JSON. */
export interface ErrorView extends Omit<PlayerLinkErrorBase, "name" | "toJSON"> {
  kind: ErrorKind;
  retryAfterMs?: number;
  agreements?: Agreements;
  restrictions?: Restriction[];
  reason?: SessionOverReason;
  fields?: InvalidField[];
}

/** What comes of a call: JSON or a token as it is, the number of a client or session, or nothing. */
export type Answer = Json<unknown> | number | undefined;

/** The calls, by the numbers of src/bindings/web/operation.rs. */
export enum Operation {
  MakeActive,
  Settle,
  Refresh,
  Logout,
  Rejected,
  AccessToken,
  PlayerMayHaveChanged,
  Snapshot,
  Subscribe,
  Unsubscribe,
  Close,
  Playfab,
  Rallyhere,
  Xsolla,
  Login,
  Restore,
  Accounts,
  BeginOauth,
  CompleteOauth,
  OauthLoginUrl,
  PublicKeys,
  PublicKey,
  ClientToken,
  OauthClientToken,
  PortalTokenDetails,
  Verify,
  Links,
  Restrictions,
  LoginResult,
  Link,
  Unlink,
  EnableCrossProgression,
  DisableCrossProgression,
  CompleteRedirect,
  SessionFromLauncher,
  SessionFromToken,
  SilentLogin,
  PasswordLogin,
  Register,
  DeviceLogin,
  SocialTokenLogin,
  CreateLinkingCode,
  Profile,
  SocialLinks,
  SocialLinkUrl,
  RemoveSocialLink,
  Call,
  SessionTicket,
  LoginDetails,
  AuthenticateSessionTicket,
  TitleToken,
  PlayFabIds,
  LoginWithCustomId,
  LinkByCode,
  LinkingInfo,
  ValidateToken,
  VerifyToken,
  ProjectKeys,
}

/** How a call ended: with the JSON of an error, with a text or nothing, or with a client or session of its own number. */
export enum How {
  Failed,
  Answered,
  Made,
}

/** What the module exports. Nothing comes back from these: what they begin ends by its number. */
export interface Core {
  /** A call, to the target of that number; to 0, the one that makes a client of that service. */
  call: [target: number, call: number, operation: Operation, args: Args];
  cancel: [call: number];
  /** The client or session of that number is needed no more. */
  free: [target: number];
  /** What {@link Surroundings.wake} asked for. */
  run: [];
  /** What {@link Surroundings.begin} began has ended. */
  settled: [asked: number, ok: boolean, text: string | undefined];
  /** For what began as `listen`. */
  news: [asked: number, text: string];
}

/** Where a text of that many bytes is in the module's memory. */
type At = [at: number, bytes: number];

/** What the module imports. Nothing may be thrown through it: that would be a trap. */
export interface Surroundings {
  /** At 0: nothing. */
  end(call: number, how: How, ...text: At): void;
  /** What the session of that number shows has changed. */
  changed(session: number): void;
  wake(): void;
  now(): number;
  monotonic(): number;
  /** Whether there is such a source. */
  random(...out: At): boolean;
  /** Without a number it is done at once, and answers. */
  begin(client: number, asked: number, what: What, ...argument: At): unknown;
  /** What was begun, or the host of a client that is gone. */
  stop(number: number): void;
  /** wasm-bindgen's own. */
  throw(...message: At): never;
}
