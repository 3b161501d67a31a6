// What a user's strict TypeScript must accept and what it must refuse. Only compiled.
import {
  createPlayFabClient,
  createRallyHereClient,
  createXsollaClient,
  isPlayerLinkError,
  memoryStore,
  type ErrorKind,
  type RallyHereCredential,
  type Account,
  type PlayerChanged,
  type RallyHereSession,
  type SessionOverReason,
  type SessionSnapshot,
} from "playerlink";

export async function launcher(signal: AbortSignal): Promise<RallyHereSession> {
  const rallyhere = await createRallyHereClient({ environment: "demo", clientId: "a", clientSecret: "b", store: memoryStore() });
  const session =
    (await rallyhere.restore()) ?? (await rallyhere.login({ grant: "steam", ticket: "14", displayName: "Nova" }, { signal }));
  const { playerChanged, player } = await session.enableCrossProgression({ platform: "XboxLive", platformUserId: "2533" });
  const stop: () => void = session.subscribe((snapshot: SessionSnapshot) => void snapshot.revision);
  const response: Response = await session.fetch("https://game.example/save", { method: "POST", body: "{}" });
  const links = await session.links({ playerId: player.playerId }, { signal });
  stop();
  void [playerChanged, response, links.accounts.map(({ platform }) => platform)];
  return session;
}

export async function accounts(signal: AbortSignal): Promise<Account[]> {
  const rallyhere = await createRallyHereClient({
    environment: "demo",
    clientId: "a",
    clientSecret: "b",
    platformTicket: async () => (signal.aborted ? undefined : { grant: "steam", ticket: "14" }),
  });
  const [first] = await rallyhere.accounts({ signal });
  const session = first && (await rallyhere.restore({ account: first.id, signal }));
  await session?.makeActive({ signal });
  const stop = session?.onPlayerChanged(({ previous, player }: PlayerChanged) => void [previous.playerId, player.playerId]);
  stop?.();
  return rallyhere.accounts();
}

export async function freshTickets(ticket: Uint8Array): Promise<void> {
  await createXsollaClient({
    projectId: "p",
    platformTicket: async () => ({ platform: "steam", appId: 480, ticket, protocol: "jwt", loginUrl: "https://site.example/" }),
  });
  await createPlayFabClient({ titleId: "ABCD1", platformTicket: async () => ({ provider: "steam", steamTicket: "14" }) });
  // @ts-expect-error: a credential of another service.
  await createPlayFabClient({ titleId: "ABCD1", platformTicket: async () => ({ grant: "steam", ticket: "14" }) });
}

export async function webSignIn(callback: URL): Promise<string> {
  const rallyhere = await createRallyHereClient({ environment: "demo", clientId: "a", clientSecret: "b" });
  const { url, state } = await rallyhere.beginOauth({ portal: "steam", redirectUri: "https://site.example/" });
  await rallyhere.completeOauth();
  await rallyhere.completeOauth({ accept: { eula: true } });
  await rallyhere.completeOauth({ url: callback, state });
  const xsolla = await createXsollaClient({ projectId: "p", oauth: { clientId: 57, redirectUri: "https://site.example/" } });
  await xsolla.beginOauth({ page: "https://site.example/sign-in" });
  await xsolla.completeRedirect();
  await xsolla.completeRedirect(callback);
  return url;
}

/** Exhaustive as well. */
export function why(reason: SessionOverReason): string {
  switch (reason) {
    case "signed-out":
    case "refresh-rejected":
    case "outcome-unknown":
    case "expired":
    case "restricted":
      return reason;
    default: {
      const forgotten: never = reason;
      return forgotten;
    }
  }
}

export async function site(): Promise<string> {
  const xsolla = await createXsollaClient({ projectId: "p", oauth: { clientId: 57, redirectUri: "https://site.example/" } });
  const session = await xsolla.login({ username: "nova", password: "secret" });
  const { code, groups, requestedAtMs } = await session.createLinkingCode();
  return `${code} ${groups.join("-")} ${requestedAtMs.toFixed()}`;
}

/** The switch is exhaustive: a kind that is forgotten here, or added later, does not compile. */
export function explain(error: unknown): string {
  if (!isPlayerLinkError(error)) throw error;
  switch (error.kind) {
    case "agreements":
      return error.agreements.eula ? "eula" : "other";
    case "restricted":
      return error.restrictions.map(({ type, expiresAt }) => `${type} ${expiresAt ?? "for ever"}`).join();
    case "busy":
      return `wait ${error.retryAfterMs ?? 1000}`;
    case "session-over":
      return error.reason ?? "signed out";
    case "misuse":
      return error.fields?.[0]?.path ?? error.message;
    case "platform-ticket":
      return error.code === "steam_token_invalid" ? "steam" : (error.code ?? "");
    case "configuration":
    case "network":
    case "timeout":
    case "cancelled":
    case "service":
    case "protocol":
    case "credentials":
    case "platform-disabled":
    case "not-found":
    case "conflict":
    case "permission":
    case "session-stale":
    case "storage":
    case "internal":
      return error.message;
    default: {
      const forgotten: never = error;
      return forgotten;
    }
  }
}

export const kinds: ErrorKind[] = ["misuse", "session-stale"];

export const credentials: RallyHereCredential[] = [
  { grant: "anon", id: "test" },
  { grant: "nintendo_switch", serviceAccountToken: "a", accountIdToken: "b", parentDisplayName: "c" },
  { grant: "refresh", refreshToken: "r" },
  { grant: "raw", grantType: "tomorrow", portalAccessToken: "t" },
  { grant: "basic", username: "u", password: "p", accept: { eula: true } },
  // @ts-expect-error a Steam credential has a ticket, not a token
  { grant: "steam", token: "14" },
  // @ts-expect-error nor both
  { grant: "steam", ticket: "14", token: "14" },
  // @ts-expect-error a refresh token has no display name
  { grant: "refresh", refreshToken: "r", displayName: "Nova" },
  // @ts-expect-error no such grant
  { grant: "discord", token: "t" },
  // @ts-expect-error both halves of a password credential
  { grant: "basic", username: "u" },
];

export async function refusals(session: RallyHereSession): Promise<void> {
  // @ts-expect-error one of environment and baseUrl
  await createRallyHereClient({ clientId: "a", clientSecret: "b" });
  // @ts-expect-error not both
  await createRallyHereClient({ environment: "demo", baseUrl: "https://x.example", clientId: "a", clientSecret: "b" });
  // @ts-expect-error half an identity
  await session.unlink({ platform: "Steam" });
  // @ts-expect-error a RallyHere session has no linking code
  await session.createLinkingCode();
  const rallyhere = await createRallyHereClient({ environment: "demo", clientId: "a", clientSecret: "b" });
  // @ts-expect-error a state belongs to an address
  await rallyhere.completeOauth({ state: "s" });
  // @ts-expect-error the package makes the state
  await rallyhere.beginOauth({ portal: "steam", state: "s" });
  // @ts-expect-error a function
  await createRallyHereClient({ environment: "demo", clientId: "a", clientSecret: "b", platformTicket: "14" });
  // @ts-expect-error read-only
  session.getSnapshot().revision = 1;
}
