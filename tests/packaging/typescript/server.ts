// A game server's view. Only compiled.
import { createXsollaServer, isPlayerLinkError } from "playerlink/server";

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
