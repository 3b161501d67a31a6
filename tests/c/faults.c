/* What bad networks and bad servers do. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "tests.h"
#include "world.h"

/* Starts a login and brings it to its first request. */
static request *asked(world *w, op **o) {
    *o = login(w);
    w->silent = 1;
    settle(w);
    CHECK_IS(open_requests(w), 1);
    return last_request(w);
}

void faults_an_answer_that_never_comes(void) {
    world *w = world_make();
    op *o;
    request *r = asked(w, &o);
    CHECK(r->timeout_ms > 0 && r->timeout_ms <= 10000);
    CHECK(w->wait_ms <= 10000);
    CHECK_IS(tick(w, 9999), PLAYERLINK_OK);
    CHECK_IS(o->completions, 0);
    CHECK_IS(tick(w, 1), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_TIMEOUT);
    CHECK(r->cancelled);
    CHECK_IS(answer_with(w, r->id, 200, NULL, NULL, "{}"), PLAYERLINK_E_UNKNOWN_ID);
    world_end(w);
}

void faults_an_answer_a_moment_before_the_deadline(void) {
    world *w = world_make();
    op *o;
    request *r = asked(w, &o);
    CHECK_IS(tick(w, 9998), PLAYERLINK_OK);
    w->silent = 0;
    serve(w);
    CHECK_IS(tick(w, 1), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    CHECK(!r->cancelled);
    world_end(w);
}

void faults_answered_twice_to_the_wrong_id_and_after_destroy(void) {
    world *w = world_make(), *other = world_make();
    op *o;
    request *r = asked(w, &o);
    uint64_t id = r->id;
    CHECK_IS(answer_with(w, id + 1, 200, NULL, NULL, "{}"), PLAYERLINK_E_UNKNOWN_ID);
    CHECK_IS(answer_with(w, 0, 200, NULL, NULL, "{}"), PLAYERLINK_E_UNKNOWN_ID);
    CHECK_IS(answer_with(other, id, 200, NULL, NULL, "{}"), PLAYERLINK_E_UNKNOWN_ID);
    w->silent = 0;
    serve(w);
    CHECK_IS(answer_with(w, id, 500, NULL, NULL, "second"), PLAYERLINK_E_UNKNOWN_ID);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    CHECK_IS(destroy(w), PLAYERLINK_OK);
    CHECK_IS(answer_with(w, id, 200, NULL, NULL, "{}"), PLAYERLINK_E_BAD_HANDLE);
    world_end(other);
    world_end(w);
}

void faults_a_host_that_refuses_to_send(void) {
    world *w = world_make();
    op *o = login(w);
    int i;
    w->refuse_requests = 1;
    for (i = 0; i < 30 && o->completions == 0; i++) {
        CHECK_IS(tick(w, 500), PLAYERLINK_OK);
    }
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_NETWORK);
    world_end(w);
}

/* One login whose first answer is this; later ones, when it tries again by itself, are the same. */
static void refused(uint32_t status, const char *header, const char *value, const char *body, int expected,
                    uint32_t retry_after_ms) {
    world *w = world_make();
    op *o;
    int i;
    asked(w, &o);
    for (i = 0; i < 80 && o->completions == 0; i++) {
        size_t at;
        for (at = 0; at < w->request_count; at++) {
            if (w->requests[at].open) {
                w->requests[at].open = 0;
                CHECK_IS(answer_with(w, w->requests[at].id, status, header, value, body), PLAYERLINK_OK);
            }
        }
        CHECK_IS(tick(w, 250), PLAYERLINK_OK);
    }
    CHECK_IS(o->completions, 1);
    if (o->result != expected) {
        fprintf(stderr, "%s: status %u gives %s\n", test_name, status, playerlink_result_name(o->result));
    }
    CHECK_IS(o->result, expected);
    /* A redirect is taken for no answer. */
    CHECK_IS(o->http_status, status == 301 ? 0 : status);
    CHECK_IS(o->retry_after_ms, retry_after_ms);
    world_end(w);
}

void faults_each_status(void) {
    refused(400, NULL, NULL, "", PLAYERLINK_E_PROTOCOL, 0);
    refused(404, NULL, NULL, "", PLAYERLINK_E_NOT_FOUND, 0);
    refused(429, "Retry-After", "40", "", PLAYERLINK_E_BUSY, 40000);
    refused(429, "retry-after", "Thu, 01 Jan 2026 00:01:00 GMT", "", PLAYERLINK_E_BUSY,
            60000 - 250); /* it is read in the tick after */
    refused(429, "Retry-After", "soon", "", PLAYERLINK_E_BUSY, 0);
    refused(503, "Retry-After", "31", "{}", PLAYERLINK_E_BUSY, 31000);
    refused(500, NULL, NULL, "oops", PLAYERLINK_E_SERVICE, 0);
    refused(418, NULL, NULL, "", PLAYERLINK_E_SERVICE, 0);
    refused(999, NULL, NULL, "", PLAYERLINK_E_PROTOCOL, 0);
    refused(301, NULL, NULL, "", PLAYERLINK_E_PROTOCOL, 0);
}

void faults_a_refusal_comes_with_what_the_player_can_do(void) {
    world *w = world_make();
    op *o;
    request *r = asked(w, &o);
    answer(w, r, 403,
           "{\"auth_success\":false,\"error_code\":\"agreement_needed\",\"needs_eula\":true,\"needs_tos\":false,"
           "\"needs_privacy_policy\":true}");
    settle(w);
    CHECK_IS(o->completions, 1);
    CHECK((int)o->result < 0);
    CHECK_IS(o->http_status, 403);
    CHECK(o->service_code[0] != '\0');
    world_end(w);
}

void faults_each_way_to_have_no_answer(void) {
    static const struct {
        uint32_t failure;
        int result;
    } CASES[] = {
        {PLAYERLINK_HTTP_NETWORK, PLAYERLINK_E_NETWORK},   {PLAYERLINK_HTTP_TIMEOUT, PLAYERLINK_E_TIMEOUT},
        {PLAYERLINK_HTTP_TRUNCATED, PLAYERLINK_E_PROTOCOL}, {PLAYERLINK_HTTP_BODY_TOO_LARGE, PLAYERLINK_E_PROTOCOL},
        {PLAYERLINK_HTTP_REDIRECT, PLAYERLINK_E_PROTOCOL}, {PLAYERLINK_HTTP_UNUSABLE, PLAYERLINK_E_CONFIGURATION},
    };
    size_t i;
    for (i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        world *w = world_make();
        op *o;
        int rounds;
        asked(w, &o);
        for (rounds = 0; rounds < 80 && o->completions == 0; rounds++) {
            size_t at;
            for (at = 0; at < w->request_count; at++) {
                if (w->requests[at].open) {
                    w->requests[at].open = 0;
                    CHECK_IS(fail(w, w->requests[at].id, CASES[i].failure), PLAYERLINK_OK);
                }
            }
            CHECK_IS(tick(w, 250), PLAYERLINK_OK);
        }
        CHECK_IS(o->result, CASES[i].result);
        world_end(w);
    }
}

void faults_responses_that_break_the_rules(void) {
    world *w = world_make();
    op *o;
    request *r = asked(w, &o);
    playerlink_http_response response;
    playerlink_header headers[300];
    char *huge = calloc(1, (1 << 20) + 2);
    size_t i;
    memset(&response, 0, sizeof response);
    memset(huge, ' ', (1 << 20) + 1);
    CHECK_IS(playerlink_http_complete(w->client, r->id, &response), PLAYERLINK_E_STRUCT_SIZE);
    response.struct_size = sizeof response;
    response.failure = 77;
    CHECK_IS(playerlink_http_complete(w->client, r->id, &response), PLAYERLINK_E_ARGUMENT);
    response.failure = 0;
    response.status = 99;
    CHECK_IS(playerlink_http_complete(w->client, r->id, &response), PLAYERLINK_E_ARGUMENT);
    response.status = 1000;
    CHECK_IS(playerlink_http_complete(w->client, r->id, &response), PLAYERLINK_E_ARGUMENT);
    response.status = 200;
    response.header_count = 1;
    CHECK_IS(playerlink_http_complete(w->client, r->id, &response), PLAYERLINK_E_NULL);
    for (i = 0; i < 300; i++) {
        headers[i].name = text("x");
        headers[i].value = text("y");
    }
    response.headers = headers;
    response.header_count = 300;
    CHECK_IS(playerlink_http_complete(w->client, r->id, &response), PLAYERLINK_E_ARGUMENT);
    response.header_count = 1;
    headers[0].value = sized("a\0b", 3);
    (void)playerlink_http_complete(w->client, UINT64_MAX, &response);
    headers[0].value = text("y");
    response.body.ptr = (const uint8_t *)huge;
    response.body.len = (1 << 20) + 1;
    /* Too large a body ends the operation, whoever noticed it. */
    {
        int result = (int)playerlink_http_complete(w->client, r->id, &response);
        CHECK(result == PLAYERLINK_OK || result == PLAYERLINK_E_ARGUMENT);
        r->open = result == PLAYERLINK_OK ? 0 : 1;
        if (r->open) {
            CHECK_IS(fail(w, r->id, PLAYERLINK_HTTP_BODY_TOO_LARGE), PLAYERLINK_OK);
            r->open = 0;
        }
    }
    settle(w);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_PROTOCOL);
    free(huge);
    world_end(w);
}

/* A good answer, cut off after each byte, and with each byte changed: never a crash, never a session of half an answer. */
void faults_bodies_cut_and_changed_at_every_byte(void) {
    static const char GOOD[] =
        "{\"access_token\":\"" CANARY "-a\",\"refresh_token\":\"" CANARY "-r\",\"token_type\":\"bearer\","
        "\"expires_in\":3600,\"active_player_uuid\":\"p\",\"person_id\":\"q\",\"platform\":\"Steam\","
        "\"portal_user_id\":\"s\"}";
    char body[sizeof GOOD];
    size_t at;
    for (at = 0; at + 1 < sizeof GOOD; at++) {
        int change;
        for (change = 0; change < 2; change++) {
            world *w = world_make();
            op *o;
            request *r;
            /* The log would hold the whole flow each time. */
            w->log_size = sizeof w->log - 1;
            r = asked(w, &o);
            memcpy(body, GOOD, sizeof GOOD);
            if (change) {
                body[at] = (char)(body[at] ^ 0x15);
            } else {
                body[at] = '\0';
            }
            answer(w, r, 200, body);
            (void)tick(w, 0);
            settle(w);
            if (!change) {
                CHECK_IS(o->completions, 1);
                CHECK_IS(o->result, PLAYERLINK_E_PROTOCOL);
            }
            world_end(w);
        }
    }
}

void faults_bodies_that_are_no_answer(void) {
    static const char *const BODIES[] = {
        "", "null", "[]", "7", "\"text\"", "<html><body>Please sign in to the hotel's network</body></html>",
        "{\"access_token\":1}", "{\"access_token\":{\"access_token\":\"x\"}}", "{\"a\":1,\"a\":2}", "\xFF\xFE{}",
        "{\"access_token\":\"" CANARY "\",\"token_type\":\"mac\",\"active_player_uuid\":\"p\"}",
        "{\"access_token\":\"" CANARY "\\r\\nX: y\",\"token_type\":\"bearer\",\"expires_in\":1e999,"
        "\"person_id\":\"q\",\"platform\":\"Steam\",\"portal_user_id\":\"s\"}",
    };
    char *deep = malloc(200001);
    size_t i;
    memset(deep, '[', 200000);
    deep[200000] = '\0';
    for (i = 0; i <= sizeof BODIES / sizeof BODIES[0]; i++) {
        world *w = world_make();
        op *o;
        request *r = asked(w, &o);
        answer(w, r, 200, i < sizeof BODIES / sizeof BODIES[0] ? BODIES[i] : deep);
        settle(w);
        CHECK_IS(o->completions, 1);
        CHECK_IS(o->result, PLAYERLINK_E_PROTOCOL);
        world_end(w);
    }
    free(deep);
}

/* A console that repeats a 401 with another body makes it a 403: the session must end, or be refreshed once, not loop. */
void faults_a_session_that_the_service_no_longer_takes(void) {
    world *w = world_make();
    op *o;
    int i;
    signed_in(w);
    w->silent = 1;
    o = op_new(w);
    CHECK_IS(playerlink_account_links(w->client, done, o, &o->id), PLAYERLINK_OK);
    for (i = 0; i < 40 && o->completions == 0; i++) {
        size_t at;
        for (at = 0; at < w->request_count; at++) {
            request *r = &w->requests[at];
            if (!r->open) {
                continue;
            }
            if (strstr(r->url, "/login") != NULL) {
                w->silent = 0;
                serve(w);
                w->silent = 1;
            } else {
                answer(w, r, 401, "{\"auth_success\":false,\"error_code\":\"auth_token_invalid\"}");
            }
        }
        CHECK_IS(tick(w, 100), PLAYERLINK_OK);
    }
    CHECK_IS(o->completions, 1);
    CHECK((int)o->result < 0);
    CHECK(w->request_count <= 5);
    w->silent = 0;
    settle(w);
    world_end(w);
}

void faults_answers_out_of_order(void) {
    world *w = world_make();
    op *first, *second;
    size_t before;
    signed_in(w);
    w->silent = 1;
    before = w->request_count;
    first = op_new(w);
    CHECK_IS(playerlink_account_links(w->client, done, first, &first->id), PLAYERLINK_OK);
    second = op_new(w);
    CHECK_IS(playerlink_account_links(w->client, done, second, &second->id), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(w->request_count, before + 2);
    if (w->request_count == before + 2) {
        answer(w, &w->requests[before + 1], 500, "{}");
        CHECK_IS(tick(w, 0), PLAYERLINK_OK);
        answer(w, &w->requests[before], 500, "{}");
    }
    settle(w);
    CHECK_IS(tick(w, 20000), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(tick(w, 20000), PLAYERLINK_OK);
    world_end(w);
}
