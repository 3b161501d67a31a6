// RallyHere and Xsolla Login as a `fetch`, for tests of the skin in Node and in pages: no socket, one player, and a log
// of what was sent. The emulator is the real stand-in; this one only answers what the skin's own rules need.
const encode = (value) =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

export const createServices = () => {
  const requests = [];
  const scripted = [];
  let issued = 0;
  let answered = 0;
  let hanging;
  const live = new Set();

  // Unsigned: clients only read what a token says.
  const token = (claims) => {
    issued++;
    const now = Math.floor(Date.now() / 1000);
    const text = `${encode({ alg: "RS256", kid: "1" })}.${encode({ iat: now, exp: now + 3600, jti: issued, ...claims })}.c2ln`;
    live.add(text);
    return text;
  };

  const uuid = (last) => `00000000-0000-4000-8000-00000000000${last}`;
  const rallyhere = () => ({
    access_token: token({ sub: uuid(1) }),
    token_type: "Bearer",
    expires_in: 3600,
    refresh_token: `refresh-${issued}`,
    active_player_uuid: uuid(1),
    person_id: uuid(2),
    platform: "Steam",
    portal_user_id: "76561190000000001",
    display_name: "Nova",
    permissions: ["user:restriction:read:self"],
    restrictions: [],
    publisher_uuid: uuid(3),
    tenant_uuid: uuid(4),
    config_elector_uuid: uuid(5),
    client_uuid: uuid(6),
  });
  const xsolla = () => ({
    access_token: token({ sub: uuid(7), iss: "https://login.xsolla.com", groups: [], xsolla_login_project_id: uuid(8) }),
    token_type: "bearer",
    expires_in: 3600,
    refresh_token: `refresh-${issued}`,
    scope: "offline",
  });

  const publicKey = { kid: "1", kty: "RSA", n: "AQAB", e: "AQAB" };
  const restriction = { type: "account_ban", reason: "fraud", expiration: "2030-01-01T00:00:00Z" };
  const links = {
    player: { player_uuid: uuid(1), player_id: 1, person_id: uuid(2) },
    linked_portals: [{ platform: "Steam", portal_id: 5, portal_user_id: "76561190000000001", player_uuid: uuid(1), player_id: 1 }],
  };

  const bearer = (request) => live.has((request.headers.get("authorization") ?? "").replace(/^Bearer /, ""));
  const refused = () => json(403, { auth_success: false, error_code: "auth_token_expired", desc: "" });

  const answer = (request, { pathname }) => {
    const path = pathname.replace(/^\/api/, "");
    if (path === "/users/v1/login") return json(200, rallyhere());
    if (path === "/users/v1/logout") return json(200, {});
    if (path === "/users/v1/oauth/token") return json(200, { access_token: token({}), refresh_token: `refresh-${issued}` });
    if (path === "/oauth2/login/token" || path === "/oauth2/token") return json(200, xsolla());
    if (path === "/users/account/code") return bearer(request) ? json(200, { code: "012345" }) : json(401, {});
    if (path === "/game") return bearer(request) ? json(200, { saved: true }) : refused();
    if (path === "/users/v1/publickeys") return json(200, { keys: [publicKey] });
    if (path === "/users/v1/publickeys/1") return json(200, publicKey);
    if (path === "/users/v1/portaltoken/details") return json(200, { env: "np" });
    if (path === "/users/v2/oauth/token") {
      return json(200, { access_token: token({}), token_type: "Bearer", expires_in: 60 });
    }
    if (path.endsWith("/links") && bearer(request)) return json(200, links);
    if (path.endsWith("/restrictions") && bearer(request)) return json(200, { restrictions: [restriction] });
    if (path === "/users/me" && bearer(request)) return json(200, { id: uuid(7), nickname: "Nova", email: null });
    if (path.startsWith("/users/")) return bearer(request) ? json(200, {}) : refused();
    return json(404, {});
  };

  return {
    /** What was sent: method, path, headers, body. */
    requests,
    /** Of those, the ones to a path. */
    sent: (path) => requests.filter((request) => request.path === path),
    /** A login's answer for another player. */
    login: (changes) => ({ ...rallyhere(), ...changes }),
    /** The next request to `path` gets this answer instead. */
    next(path, status, body, headers) {
      scripted.push({ path, response: json(status, body, headers) });
    },
    /** No request is answered from now on; `seen` gets the signal of each. */
    hang(seen = () => {}) {
      hanging = seen;
    },
    /** How many requests were answered. */
    answered: () => answered,
    /** Every token issued so far is refused from now on. */
    revoke: () => live.clear(),
    async fetch(input, init) {
      const request = new Request(input, init);
      const url = new URL(request.url);
      requests.push({
        method: request.method,
        path: url.pathname,
        headers: Object.fromEntries(request.headers),
        body: await request.clone().text(),
      });
      if (hanging) {
        hanging(request.signal);
        await new Promise((_, reject) => {
          request.signal.addEventListener("abort", () => reject(request.signal.reason));
        });
      }
      answered++;
      const index = scripted.findIndex(({ path }) => path === url.pathname);
      return index < 0 ? answer(request, url) : scripted.splice(index, 1)[0].response;
    },
  };
};

/** Options for a client that talks to `services`. */
export const rallyhereOptions = (services) => ({
  baseUrl: "http://127.0.0.1:9",
  clientId: "client",
  clientSecret: "embedded",
  fetch: services.fetch,
});

export const xsollaOptions = (services) => ({
  projectId: "00000000-0000-4000-8000-000000000008",
  baseUrl: "http://127.0.0.1:9/api",
  oauth: { clientId: 57, redirectUri: "http://127.0.0.1:9/callback" },
  fetch: services.fetch,
});
