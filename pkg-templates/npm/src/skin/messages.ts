// `playerlink/messages`: sentences for players. An entry of its own, without the module, so that a page which has its own
// words does not download these.
import type { ErrorKind, ServiceName } from "../api/errors.js";
import type { playerMessage as declared } from "../api/messages.js";
import { playfab, rallyhere, xsolla } from "../messages-table.js";
import { isPlayerLinkError } from "./error.js";

const services: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = { playfab, rallyhere, xsolla };

const kinds: Readonly<Record<ErrorKind, string>> = {
  "misuse": "Something went wrong on our side. Please try again later.",
  "configuration": "This is not set up correctly on our side. Please try again later.",
  "network": "No connection to the service. Check your internet and try again.",
  "timeout": "That took too long. Please try again.",
  "cancelled": "That was cancelled.",
  "busy": "The service is busy. Please wait a moment, then try again.",
  "service": "Something went wrong on the server. Please try again in a moment.",
  "protocol": "The server gave an unexpected answer. Please try again later.",
  "platform-ticket": "Your platform did not confirm your sign-in. Please try again.",
  "credentials": "What you entered was not accepted. Please check it and try again.",
  "agreements": "Please accept the agreements first.",
  "restricted": "This account cannot be used right now.",
  "platform-disabled": "This way to sign in is switched off. Please choose another.",
  "not-found": "That was not found. Please check it and try again.",
  "conflict": "That is linked or in use already.",
  "permission": "You are not allowed to do that.",
  "session-over": "Your session has ended. Please sign in again.",
  "session-stale": "Your account has changed. Please try again in a moment.",
  "storage": "Your sign-in could not be saved here. You may have to sign in again next time.",
  "internal": "Something unexpected went wrong. Please try again.",
};

/** Only what the table itself holds: a code of tomorrow may be called `constructor`. */
const own = <T>(table: Readonly<Record<string, T>>, key: string | undefined): T | undefined =>
  key !== undefined && Object.prototype.hasOwnProperty.call(table, key) ? table[key] : undefined;

export const playerMessage: typeof declared = (error) => {
  const { service, code, kind }: { service?: ServiceName; code?: string; kind?: ErrorKind } = isPlayerLinkError(error)
    ? error
    : {};
  const sentences = own(services, service);
  // The kind may be one of tomorrow too: errors of another copy of the package are told as well.
  return (sentences && own(sentences, code)) ?? own(kinds, kind) ?? "Something went wrong. Please try again.";
};
