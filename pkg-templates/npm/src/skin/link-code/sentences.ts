// Which sentence belongs to a snapshot: the same for the element and for the terminal.
import type { LinkingSnapshot } from "../../api/linking.js";
import type { Words } from "./language.js";

// Kinds of error that a player needs no words of their own for.
const ALIKE: Readonly<Record<string, string>> = {
  "timeout": "network",
  "service": "busy",
  "protocol": "busy",
  "session-over": "sign-in",
  "session-stale": "sign-in",
  "credentials": "sign-in",
  "permission": "denied",
  "misuse": "configuration",
};

/** Where it stands, in states that show no code or one that is about to go. */
export const stateSentence = (snapshot: LinkingSnapshot, words: Words): string =>
  words.say(`state-${snapshot.state}`) || (snapshot.concealed && hasCode(snapshot) ? words.say("hidden") : "");

/** States with a code on the screen, unless it is concealed. */
export const hasCode = ({ state }: LinkingSnapshot): boolean => state === "active" || state === "expiring" || state === "renewing";

/** What else is to be known while the code is good. */
export const notices = (snapshot: LinkingSnapshot, words: Words): string[] => {
  const lines: string[] = [];
  const { otherLink } = snapshot;
  if (hasCode(snapshot) && snapshot.connection.state === "retrying") lines.push(words.say("retrying"));
  if (otherLink) {
    const { platform, displayName: name } = otherLink;
    lines.push(words.say(name ? "other-link-name" : "other-link", { platform, name }));
  }
  return lines;
};

export const errorSentences = (snapshot: LinkingSnapshot, words: Words): string[] => {
  const { error, state } = snapshot;
  if (!error) return state === "limited" ? [words.say("error-limited")] : [];
  const kind = state === "limited" ? "limited" : (ALIKE[error.kind] ?? error.kind);
  const { conflict, retryAtMs } = error;
  return [
    conflict ? words.say(`conflict-${conflict}`, {}, "conflict-other") : words.say(`error-${kind}`, {}, "error"),
    // Why nothing can be done about the link that is there.
    /-elsewhere|-platform/.test(conflict!) ? lasting(snapshot, words) : "",
    retryAtMs === undefined ? "" : words.say("retry-at", { time: words.clock(retryAtMs) }),
  ].filter((line) => line);
};

/** That a link stays, where the player cannot undo it. */
export const lasting = ({ undo }: LinkingSnapshot, words: Words): string => (/never|support/.test(undo) ? words.say(`undo-${undo}`) : "");

/** What was linked, in as far as it is known. */
export const linkedSentence = ({ linked = {}, evidence }: LinkingSnapshot, words: Words): string => {
  if (evidence === "manual") return words.say("linked-manual");
  const { platform, displayName: name } = linked;
  return words.say(platform ? (name ? "linked-name" : "linked-platform") : "linked", { platform, name });
};

/** For whom, when, whether the sign-in is up to date, and what to do if it was somebody else. */
export const linkedDetails = (snapshot: LinkingSnapshot, words: Words, atMs: number): string[] => {
  const { accountName: account, evidence, refresh, undo } = snapshot;
  const manual = evidence === "manual";
  return [
    account ? words.say("account", { account }) : "",
    manual ? "" : words.say("linked-at", { time: words.clock(atMs, true) }),
    refresh === "running" || refresh === "failed" ? words.say(`refresh-${refresh}`) : "",
    manual ? "" : words.say("not-you"),
    words.say(`undo-${undo}`),
  ].filter((line) => line);
};

/** What a screen reader is told, once. Errors are told by their own region. No code is in it: the code leaves, words stay. */
export const spoken = (snapshot: LinkingSnapshot, words: Words): string => {
  const { announce } = snapshot;
  switch (announce?.key) {
    case "shown":
    case "renewed":
    case "not-yet":
      return words.say(`say-${announce.key}`);
    case "expiring":
      return words.say("say-expires", { in: words.distance(Number(announce.args["seconds"] ?? 30) * 1000) });
    case "expired":
      return words.say("state-expired");
    case "linked":
      return linkedSentence(snapshot, words);
    case "other-link":
      return notices({ ...snapshot, connection: { state: "online" } }, words)[0] ?? "";
    default:
      return "";
  }
};
