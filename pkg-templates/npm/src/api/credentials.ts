// What a player presents to sign in: a union in which each grant has exactly its own fields. Types only.
import type { Agreements } from "./errors.js";

interface Accepting {
  /** The agreements the player has accepted now, after an error of kind `agreements`. */
  accept?: Partial<Agreements>;
}

interface Named extends Accepting {
  /** The name to show for the player. */
  displayName?: string;
}

/** What a player signs in to RallyHere with. */
export type RallyHereCredential =
  /** For tests: `id` is the whole identity. */
  | (Named & { grant: "anon"; id: string })
  | (Named & { grant: "basic"; username: string; password: string })
  /** The session ticket as Steam gives it, in hexadecimal. */
  | (Named & { grant: "steam"; ticket: string })
  /** An Epic Games JWT or an EOS id token. */
  | (Named & { grant: "epic"; token: string })
  | (Named & { grant: "google"; idToken: string })
  | (Named & { grant: "apple"; identityToken: string })
  | (Named & { grant: "xboxlive"; xstsToken: string })
  | (Named & { grant: "ps4_v1"; token: string })
  | (Named & { grant: "ps4_v3" | "ps5_v3"; authorizationCode: string })
  /** Legacy: newer environments no longer know it. */
  | (Named & { grant: "nintendo"; accountToken: string; parentToken?: string; parentDisplayName?: string })
  | (Named & {
      grant: "nintendo_switch";
      serviceAccountToken: string;
      /** The Nintendo Account id token: the identity that owns the service account. */
      accountIdToken?: string;
      parentDisplayName?: string;
    })
  /** A token of the developer portal. */
  | (Accepting & { grant: "rallyhere"; token: string })
  | (Accepting & { grant: "android_device" | "ios_device"; deviceId: string })
  | (Accepting & { grant: "refresh"; refreshToken: string })
  /** A grant this version does not know yet, with the service's own fields. */
  | (Named & {
      grant: "raw";
      grantType: string;
      portalAccessToken?: string;
      portalParentAccessToken?: string;
      portalParentDisplayName?: string;
    });

/** What a player signs in to an Xsolla main account with. */
export interface XsollaCredential {
  /** The username or e-mail address. */
  username: string;
  password: string;
}
