// A game server in Node: the one place that holds the PlayFab title's secret key. One route, `POST /link-nintendo`, which
// links a Nintendo service account to the player whose session ticket comes along. No dependencies but `playerlink`.
//
//   PLAYFAB_URL=http://127.0.0.1:4000/playfab/ABCD1 PORT=4003 npm start
import { createServer } from "node:http";
import { createPlayFabServer, isPlayerLinkError } from "playerlink/server";
import { playerMessage } from "playerlink/messages";

const env = process.env;
const baseUrl = env.PLAYFAB_URL; // unset: the title's own address
const emulated = /^http:\/\/(127\.0\.0\.1|localhost):/.test(baseUrl ?? "");
const setting = (name, testValue) => {
  const value = env[name] ?? (emulated ? testValue : undefined);
  if (value !== undefined) return value;
  console.error(`${name} is not set`);
  process.exit(1);
};
const playfab = await createPlayFabServer({
  titleId: setting("PLAYFAB_TITLE_ID", "ABCD1"),
  secretKey: setting("PLAYFAB_SECRET_KEY", "title-secret-key"), // from the environment: a command line can be seen by all
  baseUrl,
});

const MOST_BYTES = 64 * 1024;
/** What is the player's to hear, as a status; all other kinds are ours to fix, and the log has them. */
const STATUS = new Map([
  ["session-over", 401],
  ["platform-ticket", 401],
  ["restricted", 403],
  ["platform-disabled", 403],
  ["not-found", 404],
  ["conflict", 409],
  ["busy", 429],
]);

/** An answer that is not an error of the SDK's. */
const refusal = (status, kind, playerMessage) => ({ status, body: { kind, playerMessage } });
const TRY_LATER = "That did not work just now. Please try again in a moment.";

/**
 * Who asks is what PlayFab says of the session ticket: a player's id in a request is whatever the sender likes it to be.
 * `move` takes the Nintendo account away from another player, so it is only sent when its owner has said so.
 */
const linkNintendo = async ({ sessionTicket, identityToken, move = false }, signal) => {
  const texts = [sessionTicket, identityToken].every((text) => typeof text === "string" && text !== "");
  if (!texts || typeof move !== "boolean") return refusal(422, "misuse", TRY_LATER);
  let player = "nobody";
  try {
    const { playFabId, expired } = await playfab.authenticateSessionTicket({ sessionTicket }, { signal });
    if (expired) return refusal(401, "session-over", "Your sign-in has expired. Please sign in again.");
    player = `…${playFabId.slice(-4)}`; // enough to tell players apart in the log, not enough to look one up
    await playfab.linkNintendoServiceAccount({ playFabId, identityToken, forceLink: move }, { signal });
    console.error(`link-nintendo ${player} ${move ? "moved" : "linked"}`);
    return { status: 204 };
  } catch (error) {
    if (!isPlayerLinkError(error)) throw error;
    console.error(`link-nintendo ${player} ${error.message}`);
    const { kind, code, codeNumber, retryAfterMs } = error;
    const status = STATUS.get(kind);
    if (status === undefined) return refusal(502, kind, TRY_LATER);
    return { status, body: { kind, code, codeNumber, playerMessage: playerMessage(error), retryAfterMs } };
  }
};

/** The body as an object, or nothing. */
const read = async (request) => {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
};

const answer = async (request, signal) => {
  if (request.method !== "POST" || request.url !== "/link-nintendo") return { status: 404 };
  const body = await read(request);
  return body ? linkNintendo(body, signal) : refusal(422, "misuse", TRY_LATER);
};

const server = createServer(async (request, response) => {
  const gone = new AbortController();
  response.on("close", () => gone.abort()); // nobody waits any more
  const { status, body } = await answer(request, gone.signal).catch((error) => {
    console.error(error);
    return refusal(500, "internal", TRY_LATER);
  });
  const headers = { "cache-control": "no-store", ...(body ? { "content-type": "application/json" } : {}) };
  response.writeHead(status, headers).end(body && JSON.stringify(body));
});

server.listen(Number(env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`Node game server on http://127.0.0.1:${server.address().port}`);
});
if (process.argv.includes("--exit-with-stdin")) process.stdin.resume().on("end", () => process.exit());
