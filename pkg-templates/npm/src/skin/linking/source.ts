// A session of playerlink as a source of linking codes.
import type { LinkableSession, LinkingSource } from "../../api/linking.js";
import { fail } from "../error.js";

type Service = NonNullable<LinkingSource["service"]>;

export const linkingSource = (session: LinkableSession, parts: Partial<LinkingSource> = {}): LinkingSource => {
  const { playerId } = session.player ?? {};
  const source: LinkingSource = {
    service: session.service as Service,
    ...(playerId && { account: `${session.service}:${playerId}` }),
    async requestCode(options) {
      if (!session.createLinkingCode) {
        throw fail({ kind: "configuration", message: `${session.service} makes no linking codes: give linkingSource a \`requestCode\` of your own` });
      }
      const { code } = await session.createLinkingCode(options);
      return { code };
    },
    // From the first moment on no token of the player before is handed out.
    refresh: async (options) => ({ playerChanged: (await session.refresh({ ...options, playerMayHaveChanged: true })).changed }),
  };
  if (session.links) {
    source.links = async (options) => {
      const { accounts } = await session.links!(undefined, options);
      return accounts.map(({ platform = "", platformUserId, displayName }) => ({
        platform,
        id: platformUserId,
        ...(displayName !== undefined && { displayName }),
      }));
    };
  }
  return { ...source, ...parts };
};
