// A game server's view. Only compiled.
import { createPlayFabServer, createXsollaServer, isPlayerLinkError } from "playerlink/server";

export async function link(code: string): Promise<boolean> {
  const xsolla = await createXsollaServer({ clientId: 1, clientSecret: "s", publisherProjectId: 44056 });
  const { token } = await xsolla.loginWithCustomId({ customId: "c", platform: "xbox", platformUserId: "123" });
  try {
    const { linked } = await xsolla.linkByCode({ code, platform: "xbox", platformUserId: "123" });
    return linked && token.length > 0;
  } catch (error) {
    return isPlayerLinkError(error) && error.kind === "not-found" ? false : Promise.reject(error);
  }
}

// @ts-expect-error a server without its secret
void createXsollaServer({ clientId: 1 });

export async function linkNintendo(playFabId: string, identityToken: string): Promise<void> {
  const playfab = await createPlayFabServer({ titleId: "ABCD1", secretKey: "k" });
  await playfab.linkNintendoServiceAccount({ playFabId, identityToken, forceLink: false });
  await playfab.link({ provider: "steam-id", playFabId, steamId: "1" });
  // @ts-expect-error which player?
  await playfab.link({ provider: "steam-id", steamId: "1" });
  // @ts-expect-error a Nintendo account is for linking only
  await playfab.login({ provider: "nintendo-service-account", identityToken });
}

// @ts-expect-error a server without its secret key
void createPlayFabServer({ titleId: "ABCD1" });
