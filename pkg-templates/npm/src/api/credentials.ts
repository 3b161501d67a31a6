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

/** How the result of a sign-in comes, and what each way takes. Default: `oauth` where the client has it, else `jwt`. */
export type XsollaProtocol =
  | {
      /** Tokens that can be refreshed. Needs the client's `oauth`. */
      protocol?: "oauth";
      /** Beside `offline`, e.g. `email`, `playfab`. */
      scopes?: string[];
      /** The token's claim `aud`. */
      audience?: string;
    }
  | {
      /** One token, for 24 hours unless the project says otherwise; it cannot be refreshed. */
      protocol: "jwt";
      /** The callback URL, as it is registered. Needed when the project has several. */
      loginUrl?: string;
      /** What the player must have told, e.g. `email`: else the outcome is `needs-user-data`. */
      fields?: string[];
      /** Comes back as the token's claim `payload`. Only with a user storage of your own. */
      payload?: string;
      /** Ends the player's other sessions. */
      logOutOthers?: boolean;
    };

interface Silent {
  /** Only players who have an account already; for others the error is `not-found`. */
  existingOnly?: boolean;
  /** A code from the platform. */
  code?: string;
}

interface PlatformTicket {
  /** The platform's bytes, or a text that is sent as it is. Good once: get a new one for each call. */
  ticket: Uint8Array | string;
  /** How bytes are written: `base64` unless set, as Xsolla's reference says. Its engine SDKs send Steam's as `hex`. */
  encoding?: "base64" | "hex";
}

/** What a platform proves of a player. */
export type XsollaSilentCredential =
  | (Silent & PlatformTicket & { platform: "steam"; appId: string | number })
  | (Silent & { platform: "xbox"; xid: string; userHash: string; xstsToken: string })
  | (Silent & { platform: "epicgames"; exchangeCode: string; /** Private ones let entitled players in only. */ deploymentId?: string })
  /** A platform this version does not know, by its name in Xsolla's address. */
  | (Silent & Partial<PlatformTicket> & { platform: "raw"; platformName: string; appId?: string | number; deploymentId?: string });
