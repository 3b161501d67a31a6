/* Clocks that jump, stand still, go back and begin anywhere. */
#include "check.h"
#include "tests.h"
#include "world.h"

void time_a_clock_that_is_past_every_deadline_already(void) {
    world *w = world_make();
    op *o;
    w->now = UINT64_MAX - 100000;
    o = login(w);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    world_end(w);
}

void time_a_clock_at_its_very_end(void) {
    world *w = world_make();
    op *o;
    w->now = UINT64_MAX;
    o = login(w);
    settle(w);
    CHECK_IS(o->completions, 1);
    world_end(w);
}

void time_a_clock_that_begins_at_zero(void) {
    world *w = world_make();
    op *o;
    w->now = 0;
    w->wall = 0;
    o = login(w);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    world_end(w);
}

/* The first tick comes long after the call: the deadline counts from the request, not from the call. */
void time_a_deadline_begins_with_the_request(void) {
    world *w = world_make();
    op *o = login(w);
    CHECK_IS(tick(w, 60000), PLAYERLINK_OK);
    CHECK_IS(o->completions, 0);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    world_end(w);
}

void time_steps_back_are_ignored(void) {
    world *w = world_make();
    op *o = login(w);
    w->silent = 1;
    CHECK_IS(tick(w, 0), PLAYERLINK_OK);
    CHECK_IS(tick(w, 9000), PLAYERLINK_OK);
    CHECK_IS(playerlink_client_tick(w->client, 5, 5, NULL), PLAYERLINK_OK);
    CHECK_IS(o->completions, 0);
    CHECK_IS(tick(w, 1001), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_E_TIMEOUT);
    world_end(w);
}

void time_a_day_of_sleep_in_the_middle_of_a_request(void) {
    world *w = world_make();
    op *o = login(w);
    w->silent = 1;
    settle(w);
    CHECK_IS(tick(w, 24 * HOUR), PLAYERLINK_OK);
    CHECK_IS(playerlink_client_notify(w->client, PLAYERLINK_NOTIFY_RESUMED), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_TIMEOUT);
    world_end(w);
}

void time_a_token_is_valid_for_its_life_and_no_longer(void) {
    world *w = world_make();
    char token[64];
    size_t size = sizeof token;
    op *o;
    signed_in(w);
    CHECK_IS(playerlink_session_copy_access_token(w->client, token, &size), PLAYERLINK_OK);
    CHECK_TEXT(token, CANARY "-access-1");
    w->silent = 1; /* no refresh gets an answer */
    CHECK_IS(tick(w, 2 * HOUR), PLAYERLINK_OK);
    size = sizeof token;
    CHECK_IS(playerlink_session_copy_access_token(w->client, token, &size), PLAYERLINK_E_SESSION_STALE);
    settle(w);
    w->silent = 0;
    CHECK_IS(tick(w, 120000), PLAYERLINK_OK);
    o = op_new(w);
    CHECK_IS(playerlink_session_prepare_token(w->client, done, o, &o->id), PLAYERLINK_OK);
    settle(w);
    if (o->completions == 0) {
        CHECK_IS(tick(w, 60000), PLAYERLINK_OK);
        settle(w);
    }
    CHECK_IS(o->result, PLAYERLINK_OK);
    size = sizeof token;
    CHECK_IS(playerlink_session_copy_access_token(w->client, token, &size), PLAYERLINK_OK);
    CHECK(strcmp(token, CANARY "-access-1") != 0);
    world_end(w);
}

void time_an_idle_client_waits(void) {
    world *w = world_make();
    int i;
    size_t requests;
    signed_in(w);
    requests = w->request_count;
    for (i = 0; i < 1000; i++) {
        CHECK_IS(tick(w, 16), PLAYERLINK_OK);
    }
    CHECK_IS(w->request_count, requests);
    CHECK(w->wait_ms > 0);
    world_end(w);
}

/* A day of frames in fake time, a tick each second: tokens are renewed as they must be and nothing piles up. */
void time_a_day_of_playing(void) {
    world *w = world_make();
    long i, hours = shortened ? 3 : 24;
    signed_in(w);
    for (i = 0; i < hours * 3600; i++) {
        if (tick(w, 1000) != PLAYERLINK_OK) {
            CHECK(!"tick failed");
            break;
        }
        serve(w);
        if (w->request_count > MOST_REQUESTS / 2) {
            w->request_count = 0; /* all answered */
        }
        if (w->storing_count > MOST_REQUESTS / 2) {
            w->storing_count = 0;
        }
        if (i % 600 == 0) {
            char token[64];
            size_t size = sizeof token;
            op *o = op_new(w);
            CHECK_IS(playerlink_session_prepare_token(w->client, done, o, &o->id), PLAYERLINK_OK);
            settle(w);
            CHECK_IS(o->result, PLAYERLINK_OK);
            CHECK_IS(playerlink_session_copy_access_token(w->client, token, &size), PLAYERLINK_OK);
        }
    }
    CHECK(w->logins >= hours && w->logins <= hours + hours / 4 + 1);
    CHECK_IS(w->events[PLAYERLINK_EVENT_SESSION_OVER - 100], 0);
    world_end(w);
}

void time_offline_and_online_again(void) {
    world *w = world_make();
    op *o;
    signed_in(w);
    CHECK_IS(playerlink_client_notify(w->client, PLAYERLINK_NOTIFY_OFFLINE), PLAYERLINK_OK);
    CHECK_IS(tick(w, 1000), PLAYERLINK_OK);
    CHECK_IS(playerlink_client_notify(w->client, PLAYERLINK_NOTIFY_ONLINE), PLAYERLINK_OK);
    o = op_new(w);
    CHECK_IS(playerlink_session_refresh(w->client, done, o, &o->id), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    world_end(w);
}
