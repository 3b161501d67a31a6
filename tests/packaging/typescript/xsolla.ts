// What a user's strict TypeScript must accept and refuse of Xsolla's sign-ins. Only compiled.
import { createXsollaClient, type XsollaSession, type XsollaSignIn, type XsollaSilentCredential } from "playerlink";
import { createXsollaServer, type XsollaMainToken, type XsollaPlatformToken } from "playerlink/server";

export async function game(ticket: Uint8Array): Promise<XsollaSession | string> {
  const xsolla = await createXsollaClient({ projectId: "p" });
  const came: XsollaSignIn = await xsolla.silentLogin({ platform: "steam", appId: 480, ticket, protocol: "jwt", fields: ["email"] });
  switch (came.outcome) {
    case "signed-in":
      return came.session;
    case "needs-user-data":
      return came.url + came.fields.map(({ name, required }) => `${name} ${required}`).join() + (came.state ?? "");
    case "needs-email-confirmation":
      return "";
    default: {
      const forgotten: never = came;
      return forgotten;
    }
  }
}

export const credentials: XsollaSilentCredential[] = [
  { platform: "steam", appId: "480", ticket: "FAAA", encoding: "hex", existingOnly: true },
  { platform: "xbox", xid: "1", userHash: "u", xstsToken: "t" },
  { platform: "epicgames", exchangeCode: "e", deploymentId: "d" },
  { platform: "raw", platformName: "tomorrow", code: "c" },
  // @ts-expect-error Steam needs its app id
  { platform: "steam", ticket: "FAAA" },
  // @ts-expect-error Xbox has three parts, not a ticket
  { platform: "xbox", ticket: "t" },
  // @ts-expect-error no such platform; `raw` is for those
  { platform: "psn", ticket: "t" },
];

export async function refusals(): Promise<void> {
  const xsolla = await createXsollaClient({ projectId: "p" });
  const steam = { platform: "steam", appId: 480, ticket: "t" } as const;
  // @ts-expect-error scopes are OAuth 2.0's
  await xsolla.silentLogin({ ...steam, protocol: "jwt", scopes: ["email"] });
  // @ts-expect-error asked fields are the JWT protocol's
  await xsolla.silentLogin({ ...steam, protocol: "oauth", fields: ["email"] });
  const server = await createXsollaServer({
    clientId: 1,
    clientSecret: "s",
    publisherProjectId: 1,
    trustedProjects: [{ projectId: "p", kind: "standard", algorithm: "RS256" }],
  });
  const { token } = await server.loginWithCustomId({ customId: "c" });
  const user = await server.verifyToken(token);
  const main: XsollaMainToken | undefined = user.account === "main" ? user.token : undefined;
  // @ts-expect-error a platform account's token is not a main account's
  const mixed: XsollaMainToken = token;
  // @ts-expect-error nor the other way round, and a text is neither
  const text: XsollaPlatformToken = main ?? "a.b.c";
  // @ts-expect-error HS256 needs the project's key
  await createXsollaServer({ clientId: 1, clientSecret: "s", trustedProjects: [{ projectId: "p", kind: "shadow", algorithm: "HS256" }] });
  await xsolla.sessionFromToken(token);
  void [mixed, text];
}
