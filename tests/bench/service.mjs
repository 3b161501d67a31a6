// RallyHere's login endpoint on loopback, in a thread of its own: `node:worker_threads`. It answers what it is told to.
import { createServer } from "node:http";
import { parentPort } from "node:worker_threads";

const told = { status: 200, expiresIn: 3600, delayMs: 0, retryAfter: null };
let posts = 0;
let last;
let issued = 0;

const granted = () => ({
  access_token: `access-${++issued}`,
  token_type: "Bearer",
  expires_in: told.expiresIn,
  refresh_token: `refresh-${issued}`,
  active_player_uuid: "00000000-0000-4000-8000-000000000001",
  person_id: "00000000-0000-4000-8000-000000000002",
  platform: "Steam",
  portal_user_id: "76561190000000001",
  display_name: "Nova",
});

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    posts++;
    const { host, connection, "content-length": _, ...headers } = request.headers;
    last = { method: request.method, path: request.url, headers, body: Buffer.concat(chunks).toString() };
    const { status, retryAfter, delayMs } = told;
    const answer = () => {
      response.writeHead(status, { "content-type": "application/json", ...(retryAfter && { "retry-after": String(retryAfter) }) });
      response.end(JSON.stringify(status === 200 ? granted() : {}));
    };
    if (delayMs) setTimeout(answer, delayMs);
    else answer();
  });
});

parentPort.on("message", (message) => {
  if (message === "seen") parentPort.postMessage({ posts, last });
  else {
    Object.assign(told, message);
    posts = 0;
    parentPort.postMessage("done");
  }
});

server.listen(0, "127.0.0.1", () => parentPort.postMessage({ port: server.address().port }));
