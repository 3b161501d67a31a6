/* What happens when the header is not followed: a defined answer, and nothing done. */
#include <stdlib.h>

#include "check.h"
#include "tests.h"
#include "world.h"

/* A live client and each pointer of each function NULL in turn; the list is generated with the header. */
void misuse_every_pointer_null_in_turn(void) {
    static const char *const OPTIONAL[] = {"user_data", "out_op", "out_wait_ms", "identity", "options", "buffer",
                                           "text",      "value",  "format",      "credential", "account"};
    world *w = world_make();
    playerlink_client client = w->client;
    /* Where a pointer is not NULL it leads here: a structure of size 0. */
    uint64_t scratch[64];
#define NULL_CALL(function, parameter, call)                                                      \
    do {                                                                                          \
        int optional = 0, result;                                                                 \
        size_t i;                                                                                 \
        for (i = 0; i < sizeof OPTIONAL / sizeof OPTIONAL[0]; i++) {                              \
            optional |= strcmp(OPTIONAL[i], #parameter) == 0;                                     \
        }                                                                                         \
        if (strcmp(#function, "playerlink_client_create") == 0) {                                 \
            optional = 0;                                                                         \
        }                                                                                         \
        memset(scratch, 0, sizeof scratch);                                                       \
        w->depth++;                                                                               \
        result = (int)call;                                                                       \
        w->depth--;                                                                               \
        if (optional) {                                                                           \
            CHECK(result != PLAYERLINK_E_INTERNAL);                                               \
        } else if (result != PLAYERLINK_E_NULL && result != PLAYERLINK_E_STATE &&                 \
                   result != PLAYERLINK_E_STRUCT_SIZE && result != PLAYERLINK_E_UNSUPPORTED) {    \
            /* Those: refused for another reason before it was looked at. */                                                                       \
            failures++;                                                                           \
            fprintf(stderr, "%s: %s with %s NULL answers %s\n", test_name, #function, #parameter, \
                    playerlink_result_name(result));                                              \
        }                                                                                         \
        checks++;                                                                                 \
    } while (0);
#include "nulls.g.h"
#undef NULL_CALL
    w->silent = 1;
    settle(w);
    world_end(w);
}

void misuse_handles_that_are_none(void) {
    world *w = world_make();
    playerlink_client real = w->client, junk[70];
    playerlink_credential c = steam(CANARY "-steam");
    playerlink_op out = 7;
    size_t i, count = 0;
    int bit;
    junk[count++] = 0;
    junk[count++] = 1;
    junk[count++] = UINT64_MAX;
    for (bit = 0; bit < 64; bit++) {
        junk[count++] = real ^ ((uint64_t)1 << bit);
    }
    for (i = 0; i < count; i++) {
        CHECK_IS(playerlink_client_tick(junk[i], 1, 1, NULL), PLAYERLINK_E_BAD_HANDLE);
        out = 7;
        CHECK_IS(playerlink_login(junk[i], &c, done, NULL, &out), PLAYERLINK_E_BAD_HANDLE);
        CHECK_IS(out, 0);
        CHECK_IS(playerlink_op_cancel(junk[i], 1), PLAYERLINK_E_BAD_HANDLE);
        CHECK_IS(playerlink_client_notify(junk[i], PLAYERLINK_NOTIFY_RESUMED), PLAYERLINK_E_BAD_HANDLE);
        CHECK_IS(answer_with(w, 1, 200, NULL, NULL, "{}"), PLAYERLINK_E_UNKNOWN_ID);
        CHECK_IS(playerlink_client_destroy(junk[i]), PLAYERLINK_E_BAD_HANDLE);
    }
    world_end(w);
}

void misuse_of_an_operation_as_a_client_and_the_other_way_round(void) {
    world *w = world_make();
    op *o = login(w);
    CHECK_IS(playerlink_client_tick(o->id, 1, 1, NULL), PLAYERLINK_E_BAD_HANDLE);
    CHECK_IS(playerlink_client_destroy(o->id), PLAYERLINK_E_BAD_HANDLE);
    CHECK((int)playerlink_op_cancel(w->client, w->client) < 0);
    CHECK((int)playerlink_op_cancel(w->client, 0) < 0);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    CHECK_IS(playerlink_op_cancel(w->client, o->id), PLAYERLINK_E_UNKNOWN_ID);
    world_end(w);
}

void misuse_destroyed_twice_and_used_after_it(void) {
    world *w = world_make();
    CHECK_IS(destroy(w), PLAYERLINK_OK);
    CHECK_IS(destroy(w), PLAYERLINK_E_BAD_HANDLE);
    CHECK_IS(playerlink_client_tick(w->client, 1, 1, NULL), PLAYERLINK_E_BAD_HANDLE);
    world_end(w);
}

void misuse_of_a_slot_used_ten_thousand_times_never_hits_the_new_client(void) {
    world *w = world_make();
    playerlink_client old = w->client, next = 0;
    int i, hit = 0, failed = 0;
    CHECK_IS(destroy(w), PLAYERLINK_OK);
    for (i = 0; i < (shortened ? 300 : 10000); i++) {
        failed += (int)playerlink_client_create(&w->options, &next) != PLAYERLINK_OK;
        hit += (int)playerlink_client_tick(old, 1, 1, NULL) != PLAYERLINK_E_BAD_HANDLE;
        hit += next == old;
        failed += (int)playerlink_client_destroy(next) != PLAYERLINK_OK;
    }
    CHECK_IS(hit, 0);
    CHECK_IS(failed, 0);
    world_end(w);
}

/* The options in a buffer of `size` bytes of which only those are readable, with `struct_size` and one byte of the tail. */
static int create_sized(const world *w, uint32_t size, uint32_t struct_size, int tail) {
    unsigned char *room = calloc(1, size < 4 ? 4 : size);
    playerlink_client client = 77;
    size_t known = size < sizeof w->options ? size : sizeof w->options;
    int result;
    memcpy(room, &w->options, known);
    memcpy(room, &struct_size, 4);
    if (tail) {
        room[size - 1] = 1;
    }
    result = (int)playerlink_client_create((const playerlink_client_options *)(const void *)room, &client);
    CHECK((client != 0) == (result == PLAYERLINK_OK));
    if (result == PLAYERLINK_OK) {
        CHECK_IS(playerlink_client_destroy(client), PLAYERLINK_OK);
    }
    free(room);
    return result;
}

void misuse_struct_sizes(void) {
    world *w = world_without_client();
    uint32_t size = (uint32_t)sizeof w->options;
    CHECK_IS(create_sized(w, size, 0, 0), PLAYERLINK_E_STRUCT_SIZE);
    CHECK_IS(create_sized(w, size, 3, 0), PLAYERLINK_E_STRUCT_SIZE);
    CHECK_IS(create_sized(w, size, size - 1, 0), PLAYERLINK_E_STRUCT_SIZE);
    CHECK_IS(create_sized(w, size, size, 0), PLAYERLINK_OK);
    CHECK_IS(create_sized(w, size + 8, size + 8, 0), PLAYERLINK_OK);
    CHECK_IS(create_sized(w, size + 8, size + 8, 1), PLAYERLINK_E_STRUCT_SIZE);
    CHECK_IS(create_sized(w, 4096, 4096, 0), PLAYERLINK_OK);
    CHECK_IS(create_sized(w, size, UINT32_MAX, 0), PLAYERLINK_E_STRUCT_SIZE);
    w->host.struct_size = 0;
    CHECK_IS(create_sized(w, size, size, 0), PLAYERLINK_E_STRUCT_SIZE);
    w->host.struct_size = (uint32_t)sizeof w->host - 1;
    CHECK_IS(create_sized(w, size, size, 0), PLAYERLINK_E_STRUCT_SIZE);
    world_end(w);
}

void misuse_numbers_out_of_range(void) {
    static const uint32_t STRANGE[] = {0, 4, 99, 0x80000000u, UINT32_MAX};
    world *w = world_without_client();
    playerlink_credential c;
    playerlink_op out;
    size_t i;
    for (i = 0; i < sizeof STRANGE / sizeof STRANGE[0]; i++) {
        w->options.service = STRANGE[i];
        CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_E_ARGUMENT);
        CHECK_IS(w->client, 0);
    }
    w->options.service = PLAYERLINK_SERVICE_RALLYHERE;
    for (i = 3; i < 32; i++) {
        w->options.flags = (uint32_t)1 << i;
        CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_E_ARGUMENT);
    }
    w->options.flags = 0;
    w->options.log_level = 5;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_E_ARGUMENT);
    w->options.log_level = PLAYERLINK_LOG_DEBUG;
    w->options.abi_version = PLAYERLINK_ABI_VERSION + 0x10000;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_E_ABI_VERSION);
    w->options.abi_version = 0;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_E_ABI_VERSION);
    w->options.abi_version = PLAYERLINK_ABI_VERSION + 7;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_OK);
    c = steam(CANARY);
    for (i = 5; i < 32; i++) {
        c.flags = (uint32_t)1 << i;
        CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_ARGUMENT);
    }
    c = steam(CANARY);
    for (i = 33; i < 40; i++) {
        c.kind = (uint32_t)i;
        CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_ARGUMENT);
    }
    c.kind = 0;
    CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_ARGUMENT);
    CHECK_IS(playerlink_client_notify(w->client, 0), PLAYERLINK_E_ARGUMENT);
    CHECK_IS(playerlink_client_notify(w->client, 4), PLAYERLINK_E_ARGUMENT);
    world_end(w);
}

void misuse_texts(void) {
    world *w = world_make();
    playerlink_credential c = steam(CANARY);
    playerlink_op out = 1;
    char *huge = malloc(1 << 21);
    char exact[3] = {'\xC3', '\xA4', 'x'}; /* no NUL: a checker of memory sees a byte too many */
    memset(huge, 'a', 1 << 21);
    c.token = sized("", 0);
    CHECK((int)playerlink_login(w->client, &c, done, NULL, &out) < 0);
    CHECK_IS(out, 0);
    c.token = sized(NULL, 4);
    CHECK((int)playerlink_login(w->client, &c, done, NULL, &out) < 0);
    c.token = sized(NULL, PLAYERLINK_NUL_TERMINATED);
    CHECK((int)playerlink_login(w->client, &c, done, NULL, &out) < 0);
    c.token = sized("ab\0cd", 5);
    CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_ARGUMENT);
    c.token = sized("\xC3(", 2);
    CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_ARGUMENT);
    c.token = sized("\xED\xA0\x80", 3); /* half of a surrogate pair */
    CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_ARGUMENT);
    c.token = sized(huge, 1 << 21);
    CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_ARGUMENT);
    c.token = sized(huge, (size_t)1 << 40);
    CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_ARGUMENT);
    CHECK_IS(w->request_count, 0);
    {
        op *o = op_new(w);
        c.token = text(CANARY "-steam");
        c.display_name = sized(exact, sizeof exact);
        CHECK_IS(playerlink_login(w->client, &c, done, o, &o->id), PLAYERLINK_OK);
        settle(w);
        CHECK(strstr(last_request(w)->body, "\xC3\xA4x") != NULL || strstr(w->requests[0].body, "\xC3\xA4x") != NULL);
    }
    free(huge);
    world_end(w);
}

void misuse_buffers_of_every_size(void) {
    world *w = world_make();
    playerlink_session session;
    char buffer[256];
    size_t need = 0, room, size;
    signed_in(w);
    CHECK_IS(playerlink_session_copy_access_token(w->client, NULL, &need), PLAYERLINK_E_BUFFER);
    CHECK_IS(need, strlen(CANARY "-access-1") + 1);
    for (room = 0; room < need + 2; room++) {
        memset(buffer, '#', sizeof buffer);
        size = room;
        CHECK_IS(playerlink_session_copy_access_token(w->client, buffer, &size),
                 room < need ? PLAYERLINK_E_BUFFER : PLAYERLINK_OK);
        CHECK_IS(size, need);
        /* Nothing but the text and its NUL was written. */
        CHECK(buffer[room < need ? 0 : need] == '#');
        if (room >= need) {
            CHECK_TEXT(buffer, CANARY "-access-1");
        }
    }
    memset(&session, 0, sizeof session);
    session.struct_size = sizeof session;
    need = 0;
    CHECK_IS(playerlink_session_get(w->client, &session, NULL, &need), PLAYERLINK_E_BUFFER);
    for (room = need > 3 ? need - 3 : 0; room < need + 2; room++) {
        memset(buffer, '#', sizeof buffer);
        size = room;
        CHECK_IS(playerlink_session_get(w->client, &session, buffer, &size),
                 room < need ? PLAYERLINK_E_BUFFER : PLAYERLINK_OK);
        CHECK(buffer[room < need ? 0 : need] == '#');
        if (room >= need) {
            CHECK(text_is(session.player_id, "player-1"));
            CHECK(session.player_id.ptr >= buffer && session.player_id.ptr < buffer + need);
            CHECK(text_is(session.display_name, "Nova"));
            CHECK_IS(session.status, PLAYERLINK_SESSION_SIGNED_IN);
        }
    }
    CHECK_IS(playerlink_session_get(w->client, &session, buffer, NULL), PLAYERLINK_E_NULL);
    CHECK_IS(playerlink_session_get(w->client, NULL, buffer, &size), PLAYERLINK_E_NULL);
    CHECK_IS(playerlink_session_copy_access_token(w->client, buffer, NULL), PLAYERLINK_E_NULL);
    session.struct_size = 0;
    size = sizeof buffer;
    CHECK_IS(playerlink_session_get(w->client, &session, buffer, &size), PLAYERLINK_E_STRUCT_SIZE);
    world_end(w);
}

/* What an older program passes: less room in the structure; nothing behind it may be touched. */
void misuse_output_structures_of_another_size(void) {
    world *w = world_make();
    struct {
        playerlink_session session;
        unsigned char behind[16];
    } larger;
    char buffer[256];
    size_t size = sizeof buffer, i;
    signed_in(w);
    memset(&larger, 0x5A, sizeof larger);
    larger.session.struct_size = sizeof larger.session;
    CHECK_IS(playerlink_session_get(w->client, &larger.session, buffer, &size), PLAYERLINK_OK);
    for (i = 0; i < sizeof larger.behind; i++) {
        CHECK(larger.behind[i] == 0x5A);
    }
    world_end(w);
}

void misuse_of_state(void) {
    world *w = world_make();
    playerlink_credential c = steam(CANARY);
    playerlink_op out = 3;
    char buffer[64];
    size_t size = sizeof buffer;
    op *first;
    CHECK_IS(playerlink_session_copy_access_token(w->client, buffer, &size), PLAYERLINK_E_STATE);
    CHECK_IS(playerlink_ticket_provide(w->client, &c), PLAYERLINK_E_STATE);
    CHECK_IS(playerlink_linking_act(w->client, PLAYERLINK_LINKING_ACT_CANCEL), PLAYERLINK_E_STATE);
    first = login(w);
    CHECK_IS(playerlink_login(w->client, &c, done, NULL, &out), PLAYERLINK_E_STATE);
    CHECK_IS(out, 0);
    settle(w);
    CHECK_IS(first->result, PLAYERLINK_OK);
    size = sizeof buffer;
    CHECK_IS(playerlink_error_copy(w->client, buffer, &size), size <= sizeof buffer ? PLAYERLINK_OK : PLAYERLINK_E_BUFFER);
    CHECK(strstr(buffer, CANARY) == NULL);
    world_end(w);
}

void misuse_a_host_without_what_is_needed(void) {
    world *w = world_without_client();
    w->options.host = NULL;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_E_NULL);
    w->options.host = &w->host;
    w->host.http_send = NULL;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_E_NULL);
    w->options.flags = PLAYERLINK_OPTION_BUILTIN_HTTP;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_E_UNSUPPORTED);
    world_end(w);
}

void misuse_a_configuration_that_is_wrong_says_what(void) {
    world *w = world_without_client();
    char buffer[512];
    size_t size = sizeof buffer;
    w->options.base_url = text("ftp://example.com");
    CHECK((int)playerlink_client_create(&w->options, &w->client) < 0);
    CHECK_IS(playerlink_error_copy(0, buffer, &size), PLAYERLINK_OK);
    CHECK(strlen(buffer) > 10);
    CHECK(strstr(buffer, CANARY) == NULL);
    world_end(w);
}

void misuse_results_and_versions_have_names(void) {
    CHECK_IS(playerlink_abi_version(), PLAYERLINK_ABI_VERSION);
    CHECK(strlen(playerlink_version()) >= 5);
    CHECK_TEXT(playerlink_result_name(PLAYERLINK_E_PLATFORM_TICKET), "platform-ticket");
    CHECK_TEXT(playerlink_result_name(-12345), "unknown");
    CHECK_TEXT(playerlink_result_name(0x7FFFFFFF), "unknown");
}
