/* A store that is slow, fails, is damaged, or is not there. */
#include <stdlib.h>

#include "check.h"
#include "tests.h"
#include "world.h"

/* A world whose store has what `from`'s had. */
static world *next_start(const world *from) {
    world *w = world_make();
    memcpy(w->keys, from->keys, sizeof w->keys);
    w->logins = from->logins;
    w->wall = from->wall;
    return w;
}

static op *restore(world *w) {
    op *o = op_new(w);
    CHECK_IS(playerlink_session_restore(w->client, done, o, &o->id), PLAYERLINK_OK);
    settle(w);
    return o;
}

void storage_a_session_outlives_the_program(void) {
    world *w = world_make(), *next;
    op *o;
    char token[64];
    size_t size = sizeof token;
    signed_in(w);
    next = next_start(w);
    world_end(w);
    o = restore(next);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_OK);
    CHECK_TEXT(o->player, "player-1");
    CHECK_IS(playerlink_session_copy_access_token(next->client, token, &size), PLAYERLINK_OK);
    world_end(next);
}

void storage_tells_who_is_signed_in_and_takes_one_up(void) {
    world *w = world_make(), *next;
    op *o, *again;
    signed_in(w);
    next = next_start(w);
    world_end(w);
    o = op_new(next);
    CHECK_IS(playerlink_accounts_list(next->client, done, o, &o->id), PLAYERLINK_OK);
    settle(next);
    CHECK_IS(o->result, PLAYERLINK_OK);
    CHECK_IS(o->account_count, 1);
    again = op_new(next);
    CHECK_IS(playerlink_account_restore(next->client, o->account, strlen(o->account), done, again, &again->id),
             PLAYERLINK_OK);
    settle(next);
    CHECK_IS(again->result, PLAYERLINK_OK);
    CHECK_TEXT(again->player, "player-1");
    CHECK_IS(next->request_count, 0);
    world_end(next);
}

void storage_nothing_stored_is_nothing_wrong(void) {
    world *w = world_make();
    op *o = restore(w);
    CHECK_IS(o->result, PLAYERLINK_NOTHING);
    CHECK(!o->has_error);
    world_end(w);
}

void storage_without_a_store(void) {
    world *w = world_without_client();
    op *o;
    w->host.storage = NULL;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_OK);
    o = restore(w);
    CHECK_IS(o->result, PLAYERLINK_NOTHING);
    signed_in(w);
    CHECK_IS(w->storing_count, 0);
    world_end(w);
}

void storage_that_fails_or_refuses_leaves_the_session_alive(void) {
    int way;
    for (way = 0; way < 2; way++) {
        world *w = world_make();
        op *o;
        w->storage_fails = way == 0;
        w->storage_refuses = way == 1;
        o = restore(w);
        CHECK_IS(o->completions, 1);
        CHECK_IS(o->result, PLAYERLINK_NOTHING);
        o = signed_in(w);
        CHECK_IS(o->session_status, PLAYERLINK_SESSION_SIGNED_IN);
        o = op_new(w);
        CHECK_IS(playerlink_session_refresh(w->client, done, o, &o->id), PLAYERLINK_OK);
        settle(w);
        CHECK_IS(o->result, PLAYERLINK_OK);
        world_end(w);
    }
}

void storage_that_answers_late_keeps_nobody_waiting_for_ever(void) {
    world *w = world_make();
    op *o;
    int i;
    w->storage_later = 1;
    o = login(w);
    for (i = 0; i < 40 && o->completions == 0; i++) {
        CHECK_IS(tick(w, 100), PLAYERLINK_OK);
        serve(w);
        if (i % 3 == 2) {
            answer_storage(w);
        }
    }
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_OK);
    for (i = 0; i < 10; i++) {
        answer_storage(w);
        CHECK_IS(tick(w, 100), PLAYERLINK_OK);
    }
    world_end(w);
}

/* A damaged record is no session and no crash: every byte of it flipped in turn. */
void storage_damaged_at_every_byte(void) {
    world *w = world_make();
    size_t key, at;
    signed_in(w);
    for (key = 0; key < MOST_KEYS; key++) {
        for (at = 0; w->keys[key].used && at < w->keys[key].size; at++) {
            world *next = next_start(w);
            op *o;
            next->log_size = sizeof next->log - 1;
            next->keys[key].value[at] ^= 0x41;
            o = restore(next);
            CHECK_IS(o->completions, 1);
            CHECK(o->result == PLAYERLINK_OK || o->result == PLAYERLINK_NOTHING);
            world_end(next);
        }
    }
    world_end(w);
}

void storage_half_written_and_of_another_version(void) {
    static const char *const RECORDS[] = {"", "{", "{}", "null", "{\"version\":99}", "\xFF\xFF\xFF", "playerlink"};
    world *w = world_make();
    size_t i, key;
    signed_in(w);
    for (i = 0; i < sizeof RECORDS / sizeof RECORDS[0]; i++) {
        world *next = next_start(w);
        op *o;
        for (key = 0; key < MOST_KEYS; key++) {
            next->keys[key].size = strlen(RECORDS[i]);
            memcpy(next->keys[key].value, RECORDS[i], next->keys[key].size);
        }
        o = restore(next);
        CHECK_IS(o->result, PLAYERLINK_NOTHING);
        world_end(next);
    }
    world_end(w);
}

/* A store that completes after a sign-out's delete must not bring the token back. */
void storage_that_is_slow_does_not_bring_a_signed_out_session_back(void) {
    world *w = world_make(), *next;
    op *o;
    int i;
    signed_in(w);
    w->storage_later = 1;
    o = op_new(w);
    CHECK_IS(playerlink_session_refresh(w->client, done, o, &o->id), PLAYERLINK_OK);
    CHECK_IS(tick(w, 0), PLAYERLINK_OK);
    serve(w);
    CHECK_IS(tick(w, 0), PLAYERLINK_OK);
    o = op_new(w);
    CHECK_IS(playerlink_logout(w->client, done, o, &o->id), PLAYERLINK_OK);
    for (i = 0; i < 60; i++) {
        CHECK_IS(tick(w, 100), PLAYERLINK_OK);
        serve(w);
        answer_storage(w);
    }
    CHECK_IS(o->completions, 1);
    next = next_start(w);
    world_end(w);
    o = restore(next);
    CHECK_IS(o->result, PLAYERLINK_NOTHING);
    world_end(next);
}

void storage_completions_nobody_asked_for(void) {
    world *w = world_make();
    playerlink_bytes value;
    value.ptr = NULL;
    value.len = 0;
    CHECK_IS(playerlink_storage_complete(w->client, 1, 0, &value), PLAYERLINK_E_UNKNOWN_ID);
    CHECK_IS(playerlink_storage_complete(w->client, 0, 0, NULL), PLAYERLINK_E_UNKNOWN_ID);
    CHECK_IS(playerlink_storage_complete(0, 1, 0, NULL), PLAYERLINK_E_BAD_HANDLE);
    world_end(w);
}
