// What a user's strict TypeScript must accept of PlayFab and what it must refuse. Only compiled.
import {
  createPlayFabClient,
  isPlayerLinkError,
  type PlayFabCredential,
  type PlayFabLink,
  type PlayFabSession,
  type PlayFabUnlink,
} from "playerlink";

export async function launcher(steamTicket: string, signal: AbortSignal): Promise<PlayFabSession> {
  const playfab = await createPlayFabClient({ titleId: "ABCD1" });
  const session =
    (await playfab.restore()) ??
    (await playfab.login({ provider: "steam", steamTicket, createAccount: true, info: ["PlayerProfile"] }, { signal }));
  try {
    await session.link({ provider: "nintendo-service-account", identityToken: "eyJ…" });
  } catch (error) {
    if (!isPlayerLinkError(error)) throw error;
    const claimed: boolean = error.kind === "conflict" && error.codeNumber === 1184 && error.code === "LinkedIdentifierAlreadyClaimed";
    if (claimed) await session.link({ provider: "nintendo-service-account", identityToken: "eyJ…", forceLink: true });
  }
  const { AccountInfo } = await session.call<{ AccountInfo: { PlayFabId: string } }>("Client/GetAccountInfo");
  const anything: unknown = (await session.call("Group/ListMembership", {}))["Groups"];
  void [AccountInfo.PlayFabId, anything, await session.sessionTicket(), await session.entityToken(), (await session.loginDetails()).info];
  return session;
}

export const credentials: PlayFabCredential[] = [
  { provider: "xbox", xboxToken: "t", customTags: { build: "1" } },
  { provider: "facebook", authenticationToken: "t" },
  { provider: "email", email: "nova@example.com", password: "correct-horse" },
  // @ts-expect-error a Steam credential has a steamTicket
  { provider: "steam", ticket: "14" },
  // @ts-expect-error both halves
  { provider: "psn", authCode: "c" },
  // @ts-expect-error no such provider
  { provider: "discord", token: "t" },
  // @ts-expect-error one of the two
  { provider: "facebook", authenticationToken: "t", accessToken: "t" },
  // @ts-expect-error an e-mail address makes no account at a login
  { provider: "email", email: "nova@example.com", password: "correct-horse", createAccount: true },
];

export const links: PlayFabLink[] = [
  { provider: "apple", identityToken: "t", forceLink: true },
  // @ts-expect-error an e-mail address is not linked
  { provider: "email", email: "nova@example.com", password: "correct-horse" },
];

export const unlinks: PlayFabUnlink[] = [
  { provider: "steam" },
  { provider: "custom-id", customId: "guest-1" },
  // @ts-expect-error which connection?
  { provider: "open-id-connect" },
];

// @ts-expect-error a client has no secret key
void createPlayFabClient({ titleId: "ABCD1", secretKey: "k" });
