#include "world.h"

#include <stdlib.h>

#include "check.h"

static void copy(char *to, size_t room, playerlink_str from) {
    size_t size = from.len < room - 1 ? from.len : room - 1;
    if (size > 0) {
        memcpy(to, from.ptr, size);
    }
    to[size] = '\0';
}

static void no_canary(const char *where, playerlink_str found) {
    size_t at;
    CHECK(found.len == 0 || found.ptr[found.len] == '\0');
    for (at = 0; at + strlen(CANARY) <= found.len; at++) {
        if (memcmp(found.ptr + at, CANARY, strlen(CANARY)) == 0) {
            failures++;
            fprintf(stderr, "%s: a secret is in %s: %.*s\n", test_name, where, (int)found.len, found.ptr);
            return;
        }
    }
}

playerlink_str text(const char *from) {
    playerlink_str made;
    made.ptr = from;
    made.len = PLAYERLINK_NUL_TERMINATED;
    return made;
}

playerlink_str sized(const char *from, size_t size) {
    playerlink_str made;
    made.ptr = from;
    made.len = size;
    return made;
}

int text_is(playerlink_str found, const char *expected) {
    return found.len == strlen(expected) && (found.len == 0 || memcmp(found.ptr, expected, found.len) == 0);
}

/* ---- what the host does ---------------------------------------------------------------------------------------- */

static void callback_allowed(world *w) {
    if (w->ending) {
        abort();
    }
    if (w->depth == 0 || w->destroyed) {
        w->foreign_callbacks++;
    }
}

static void serve_one(world *w, request *r) {
    char body[1024];
    if (strstr(r->url, "/users/v1/login") != NULL) {
        w->logins++;
        sprintf(body,
                "{\"access_token\":\"" CANARY "-access-%d\",\"refresh_token\":\"" CANARY "-refresh-%d\","
                "\"token_type\":\"bearer\",\"expires_in\":%u,\"active_player_uuid\":\"player-1\","
                "\"person_id\":\"person-1\",\"platform\":\"Steam\",\"portal_user_id\":\"steam-1\","
                "\"display_name\":\"Nova\"}",
                w->logins, w->logins, w->expires_in_s);
        answer(w, r, 200, body);
    } else if (strstr(r->url, "/users/v1/logout") != NULL) {
        answer(w, r, 200, "{}");
    } else if (strstr(r->url, "/Client/Login") != NULL) {
        w->logins++;
        sprintf(body,
                "{\"code\":200,\"status\":\"OK\",\"data\":{\"SessionTicket\":\"" CANARY "-ticket-%d\","
                "\"PlayFabId\":\"F1\",\"NewlyCreated\":false,\"EntityToken\":{\"EntityToken\":\"" CANARY
                "-entity-%d\",\"TokenExpiration\":\"2099-01-01T00:00:00Z\",\"Entity\":{\"Id\":\"E1\","
                "\"Type\":\"title_player_account\"}}}}",
                w->logins, w->logins);
        answer(w, r, 200, body);
    } else {
        answer(w, r, 404, "{\"error_code\":\"resource_not_found\"}");
    }
}

static int32_t http_send(void *user_data, playerlink_client client, const playerlink_http_request *sent) {
    world *w = user_data;
    request *r;
    size_t i;
    callback_allowed(w);
    CHECK(client == w->client);
    CHECK(sent->struct_size >= sizeof *sent);
    CHECK(sent->id > 0 && sent->id < ((uint64_t)1 << 53));
    if (w->refuse_requests) {
        return 1;
    }
    if (w->request_count == MOST_REQUESTS) {
        CHECK(!"too many requests");
        return 1;
    }
    r = &w->requests[w->request_count++];
    memset(r, 0, sizeof *r);
    r->id = sent->id;
    r->open = 1;
    r->timeout_ms = sent->timeout_ms;
    copy(r->method, sizeof r->method, sent->method);
    copy(r->url, sizeof r->url, sent->url);
    copy(r->body, sizeof r->body, sized((const char *)sent->body.ptr, sent->body.len));
    no_canary("a URL", sent->url);
    for (i = 0; i < sent->header_count; i++) {
        if (text_is(sent->headers[i].name, "authorization")) {
            copy(r->authorization, sizeof r->authorization, sent->headers[i].value);
        }
    }
    if (w->answer_in_send) {
        serve_one(w, r);
    }
    return 0;
}

static void http_cancel(void *user_data, playerlink_client client, uint64_t id) {
    world *w = user_data;
    size_t i;
    int known = 0;
    callback_allowed(w);
    CHECK(client == w->client);
    for (i = 0; i < w->request_count; i++) {
        if (w->requests[i].id == id) {
            known = 1;
            CHECK(!w->requests[i].cancelled);
            w->requests[i].cancelled = 1;
            w->requests[i].open = 0;
        }
    }
    CHECK(known);
}

static kept *find(world *w, const char *key) {
    size_t i;
    for (i = 0; i < MOST_KEYS; i++) {
        if (w->keys[i].used && strcmp(w->keys[i].key, key) == 0) {
            return &w->keys[i];
        }
    }
    return NULL;
}

static void answer_storing(world *w, storing *s) {
    kept *k = find(w, s->key);
    playerlink_result result;
    size_t i;
    s->open = 0;
    if (w->storage_fails) {
        result = playerlink_storage_complete(w->client, s->id, 1, NULL);
    } else if (s->kind == PLAYERLINK_STORAGE_LOAD) {
        playerlink_bytes value;
        value.ptr = k != NULL ? k->value : NULL;
        value.len = k != NULL ? k->size : 0;
        result = playerlink_storage_complete(w->client, s->id, 0, k != NULL ? &value : NULL);
    } else {
        if (k != NULL) {
            k->used = 0;
        }
        if (s->kind == PLAYERLINK_STORAGE_STORE) {
            for (i = 0; i < MOST_KEYS && w->keys[i].used; i++) {
            }
            CHECK(i < MOST_KEYS);
            w->keys[i].used = 1;
            strcpy(w->keys[i].key, s->key);
            memcpy(w->keys[i].value, s->value, s->size);
            w->keys[i].size = s->size;
        }
        result = playerlink_storage_complete(w->client, s->id, 0, NULL);
    }
    CHECK(result == PLAYERLINK_OK || (result == PLAYERLINK_E_BAD_HANDLE && w->destroyed) ||
          result == PLAYERLINK_E_UNKNOWN_ID);
}

static int32_t storage(void *user_data, playerlink_client client, const playerlink_storage_request *asked) {
    world *w = user_data;
    storing *s;
    size_t i;
    callback_allowed(w);
    CHECK(client == w->client);
    CHECK(asked->struct_size >= sizeof *asked);
    CHECK(asked->key.len >= 1 && asked->key.len <= 64);
    CHECK(asked->kind >= PLAYERLINK_STORAGE_LOAD && asked->kind <= PLAYERLINK_STORAGE_DELETE);
    for (i = 0; i < asked->key.len; i++) {
        CHECK(strchr("abcdefghijklmnopqrstuvwxyz0123456789-", asked->key.ptr[i]) != NULL);
    }
    if (w->storage_refuses) {
        return 1;
    }
    if (w->storing_count == MOST_REQUESTS) {
        CHECK(!"too many storage requests");
        return 1;
    }
    s = &w->storings[w->storing_count++];
    memset(s, 0, sizeof *s);
    s->open = 1;
    s->id = asked->id;
    s->kind = asked->kind;
    copy(s->key, sizeof s->key, asked->key);
    CHECK(asked->value.len <= sizeof s->value);
    if (asked->value.len > 0 && asked->value.len <= sizeof s->value) {
        memcpy(s->value, asked->value.ptr, asked->value.len);
        s->size = asked->value.len;
    }
    for (i = 0; i + 1 < w->storing_count; i++) {
        /* At most one is under way for a key. */
        CHECK(!w->storings[i].open || strcmp(w->storings[i].key, s->key) != 0);
    }
    if (!w->storage_later) {
        answer_storing(w, s);
    }
    return 0;
}

static int32_t random_bytes(void *user_data, uint8_t *out, size_t size) {
    static uint32_t state = 12345;
    size_t i;
    (void)user_data;
    for (i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = (uint8_t)(state >> 24);
    }
    return 0;
}

static void log_line(void *user_data, uint32_t level, const playerlink_str *line) {
    world *w = user_data;
    CHECK(level >= PLAYERLINK_LOG_ERROR && level <= PLAYERLINK_LOG_DEBUG);
    no_canary("a log line", *line);
    if (w->log_size + line->len + 2 < sizeof w->log) {
        memcpy(w->log + w->log_size, line->ptr, line->len);
        w->log_size += line->len;
        w->log[w->log_size++] = '\n';
        w->log[w->log_size] = '\0';
    }
}

/* ---- what comes back ------------------------------------------------------------------------------------------- */

void done(void *user_data, playerlink_client client, const playerlink_completion *c) {
    op *o = user_data;
    world *w = o->world;
    callback_allowed(w);
    CHECK(client == w->client);
    CHECK(c->struct_size >= sizeof *c);
    CHECK(c->op == o->id && c->op != 0);
    o->completions++;
    CHECK_IS(o->completions, 1);
    o->result = (int)c->result;
    o->kind = c->kind;
    o->flags = c->flags;
    if (c->session != NULL) {
        o->has_session = 1;
        o->session_status = c->session->status;
        copy(o->player, sizeof o->player, c->session->player_id);
        no_canary("a session", c->session->display_name);
    }
    CHECK((c->error != NULL) == ((int)c->result < 0));
    if (c->error != NULL) {
        o->has_error = 1;
        CHECK((int)c->error->result == (int)c->result);
        o->http_status = c->error->http_status;
        o->retry_after_ms = c->error->retry_after_ms;
        o->code_number = c->error->service_code_number;
        o->agreements = c->error->agreements;
        o->over_reason = c->error->over_reason;
        o->restriction_count = c->error->restriction_count;
        if (c->error->restriction_count > 0) {
            copy(o->restriction, sizeof o->restriction, c->error->restrictions[0].kind);
        }
        copy(o->service_code, sizeof o->service_code, c->error->service_code);
        copy(o->message, sizeof o->message, c->error->message);
        no_canary("an error's message", c->error->message);
        no_canary("an error's code", c->error->service_code);
        no_canary("a sentence for players", c->error->player_message);
        no_canary("a request's id", c->error->request_id);
        CHECK(c->error->message.len > 0);
    }
    if (c->links != NULL) {
        o->link_count = c->links->account_count;
    }
    if (c->accounts != NULL) {
        CHECK(c->accounts->struct_size >= sizeof *c->accounts);
        o->account_count = c->accounts->account_count;
        if (o->account_count > 0) {
            CHECK_IS(c->accounts->has_active, 1);
            copy(o->account, sizeof o->account, c->accounts->accounts[0].account_id);
            no_canary("an account", c->accounts->accounts[0].account_id);
        }
    }
    if (c->linking != NULL) {
        copy(o->code, sizeof o->code, c->linking->code);
    }
    if (o->in_completion != NULL) {
        o->in_completion(o);
    }
}

static void event(void *user_data, playerlink_client client, const playerlink_completion *c) {
    world *w = user_data;
    callback_allowed(w);
    CHECK(client == w->client);
    CHECK(c->op == 0);
    CHECK(c->kind > 100 && c->kind < 228);
    if (c->kind > 100 && c->kind < 228) {
        w->events[c->kind - 100]++;
    }
    if (c->session != NULL) {
        w->last_over_reason = c->session->over_reason;
    }
}

/* ---- the world ------------------------------------------------------------------------------------------------- */

world *world_without_client(void) {
    world *w = calloc(1, sizeof *w);
    if (w == NULL) {
        abort();
    }
    w->now = (uint64_t)1 << 40;
    w->wall = 1767225600000u; /* 2026-01-01 */
    w->expires_in_s = 3600;
    w->host.struct_size = sizeof w->host;
    w->host.user_data = w;
    w->host.http_send = http_send;
    w->host.http_cancel = http_cancel;
    w->host.storage = storage;
    w->host.random = random_bytes;
    w->host.log = log_line;
    w->options.struct_size = sizeof w->options;
    w->options.abi_version = PLAYERLINK_ABI_VERSION;
    w->options.service = PLAYERLINK_SERVICE_RALLYHERE;
    w->options.log_level = PLAYERLINK_LOG_DEBUG;
    w->options.environment = text("demo");
    w->options.client_id = text("game");
    w->options.client_secret = text(CANARY "-client-secret");
    w->options.host = &w->host;
    w->options.event = event;
    w->options.event_user_data = w;
    return w;
}

world *world_make_for(uint32_t service) {
    world *w = world_without_client();
    w->options.service = service;
    if (service == PLAYERLINK_SERVICE_PLAYFAB) {
        w->options.environment = sized(NULL, 0);
        w->options.client_id = sized(NULL, 0);
        w->options.client_secret = sized(NULL, 0);
        w->options.title_id = text("ABCD1");
    } else if (service == PLAYERLINK_SERVICE_XSOLLA) {
        w->options.environment = sized(NULL, 0);
        w->options.client_id = text("60");
        w->options.client_secret = sized(NULL, 0);
        w->options.project_id = text("0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809");
    }
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_OK);
    CHECK(w->client > 0 && w->client < ((uint64_t)1 << 53));
    CHECK_IS(w->request_count + w->storing_count, 0);
    return w;
}

world *world_make(void) {
    return world_make_for(PLAYERLINK_SERVICE_RALLYHERE);
}

int destroy(world *w) {
    int result;
    w->depth++;
    result = (int)playerlink_client_destroy(w->client);
    w->depth--;
    if (result == PLAYERLINK_OK) {
        w->destroyed = 1;
    }
    return result;
}

void world_end(world *w) {
    size_t i;
    if (!w->destroyed && w->client != 0) {
        CHECK_IS(destroy(w), PLAYERLINK_OK);
    }
    for (i = 0; i < w->op_count; i++) {
        /* Exactly once, if it was started. */
        CHECK_IS(w->ops[i].completions, w->ops[i].id != 0 ? 1 : 0);
    }
    for (i = 0; i < w->request_count; i++) {
        /* Nobody waits any more: answered, or told so. */
        CHECK(!w->requests[i].open);
    }
    CHECK_IS(w->foreign_callbacks, 0);
    CHECK(strstr(w->log, CANARY) == NULL);
    free(w);
}

playerlink_result tick(world *w, uint64_t advance_ms) {
    playerlink_result result;
    w->now += advance_ms;
    w->wall += advance_ms;
    w->depth++;
    result = playerlink_client_tick(w->client, w->now, w->wall, &w->wait_ms);
    w->depth--;
    return result;
}

void serve(world *w) {
    size_t i;
    for (i = 0; i < w->request_count && !w->silent; i++) {
        if (w->requests[i].open) {
            serve_one(w, &w->requests[i]);
        }
    }
}

void settle(world *w) {
    int i;
    for (i = 0; i < 12 && !w->destroyed; i++) {
        CHECK_IS(tick(w, 0), PLAYERLINK_OK);
        serve(w);
    }
}

playerlink_result answer_with(world *w, uint64_t id, uint32_t status, const char *name, const char *value,
                              const char *body) {
    playerlink_http_response response;
    playerlink_header headers[2];
    memset(&response, 0, sizeof response);
    headers[0].name = text("Content-Type");
    headers[0].value = text("application/json");
    headers[1].name = text(name != NULL ? name : "date");
    headers[1].value = text(value != NULL ? value : "Thu, 01 Jan 2026 00:00:00 GMT");
    response.struct_size = sizeof response;
    response.status = status;
    response.headers = headers;
    response.header_count = name != NULL ? 2 : 1;
    response.body.ptr = (const uint8_t *)body;
    response.body.len = body != NULL ? strlen(body) : 0;
    return playerlink_http_complete(w->client, id, &response);
}

void answer(world *w, request *to, uint32_t status, const char *body) {
    to->open = 0;
    CHECK_IS(answer_with(w, to->id, status, NULL, NULL, body), PLAYERLINK_OK);
}

playerlink_result fail(world *w, uint64_t id, uint32_t failure) {
    playerlink_http_response response;
    memset(&response, 0, sizeof response);
    response.struct_size = sizeof response;
    response.failure = failure;
    return playerlink_http_complete(w->client, id, &response);
}

void answer_storage(world *w) {
    size_t i;
    for (i = 0; i < w->storing_count; i++) {
        if (w->storings[i].open) {
            answer_storing(w, &w->storings[i]);
        }
    }
}

request *last_request(world *w) {
    static request none;
    CHECK(w->request_count > 0);
    return w->request_count > 0 ? &w->requests[w->request_count - 1] : &none;
}

size_t open_requests(world *w) {
    size_t i, count = 0;
    for (i = 0; i < w->request_count; i++) {
        count += w->requests[i].open ? 1 : 0;
    }
    return count;
}

op *op_new(world *w) {
    op *o;
    if (w->op_count == MOST_OPS) {
        abort();
    }
    o = &w->ops[w->op_count++];
    o->world = w;
    return o;
}

playerlink_credential steam(const char *ticket) {
    playerlink_credential c;
    memset(&c, 0, sizeof c);
    c.struct_size = sizeof c;
    c.kind = PLAYERLINK_CREDENTIAL_STEAM;
    c.token = text(ticket);
    return c;
}

op *login(world *w) {
    op *o = op_new(w);
    playerlink_credential c = steam(CANARY "-steam");
    CHECK_IS(playerlink_login(w->client, &c, done, o, &o->id), PLAYERLINK_OK);
    CHECK(o->id != 0);
    CHECK_IS(o->completions, 0);
    return o;
}

op *signed_in(world *w) {
    op *o = login(w);
    settle(w);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_OK);
    return o;
}
