/* What a host may do inside a callback, and when callbacks come. */
#include <stdlib.h>
#ifndef _WIN32
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "check.h"
#include "tests.h"
#include "world.h"

void callbacks_a_login_from_start_to_end(void) {
    world *w = world_make();
    op *o = login(w);
    CHECK_IS(w->request_count, 0); /* starting does no I/O */
    settle(w);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_OK);
    CHECK_IS(o->kind, PLAYERLINK_COMPLETION_LOGIN);
    CHECK_IS(o->session_status, PLAYERLINK_SESSION_SIGNED_IN);
    CHECK_TEXT(o->player, "player-1");
    CHECK(strncmp(w->requests[0].url, "https://", 8) == 0);
    CHECK_TEXT(w->requests[0].method, "POST");
    world_end(w);
}

void callbacks_answered_inside_http_send(void) {
    world *w = world_make();
    op *o;
    w->answer_in_send = 1;
    o = login(w);
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    world_end(w);
}

static void tick_in_completion(op *o) {
    CHECK_IS(playerlink_client_tick(o->world->client, o->world->now, 0, NULL), PLAYERLINK_E_REENTRANT);
}

void callbacks_tick_inside_a_completion_is_refused(void) {
    world *w = world_make();
    op *o = login(w);
    o->in_completion = tick_in_completion;
    settle(w);
    CHECK_IS(o->result, PLAYERLINK_OK);
    world_end(w);
}

static void start_in_completion(op *o) {
    op *next = op_new(o->world);
    CHECK_IS(playerlink_session_refresh(o->world->client, done, next, &next->id), PLAYERLINK_OK);
}

void callbacks_an_operation_started_inside_a_completion(void) {
    world *w = world_make();
    op *o = login(w);
    o->in_completion = start_in_completion;
    settle(w);
    CHECK_IS(w->op_count, 2);
    CHECK_IS(w->ops[1].completions, 1);
    CHECK_IS(w->ops[1].result, PLAYERLINK_OK);
    CHECK_IS(w->logins, 2);
    world_end(w);
}

static void cancel_the_other(op *o) {
    /* `ops[2]` was started after this one, and has no answer yet. */
    CHECK_IS(playerlink_op_cancel(o->world->client, o->world->ops[2].id), PLAYERLINK_OK);
}

void callbacks_an_operation_cancelled_inside_a_completion(void) {
    world *w = world_make();
    op *o, *other;
    signed_in(w);
    w->silent = 1;
    o = op_new(w);
    o->in_completion = cancel_the_other;
    CHECK_IS(playerlink_session_refresh(w->client, done, o, &o->id), PLAYERLINK_OK);
    CHECK_IS(tick(w, 0), PLAYERLINK_OK);
    other = op_new(w);
    CHECK_IS(playerlink_logout(w->client, done, other, &other->id), PLAYERLINK_OK);
    CHECK_IS(playerlink_op_cancel(w->client, o->id), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_CANCELLED);
    CHECK_IS(other->completions, 1);
    CHECK_IS(other->result, PLAYERLINK_E_CANCELLED);
    world_end(w);
}

static void destroy_in_completion(op *o) {
    CHECK_IS(destroy(o->world), PLAYERLINK_OK);
    CHECK_IS(playerlink_client_tick(o->world->client, 1, 1, NULL), PLAYERLINK_E_BAD_HANDLE);
    o->world->destroyed = 0; /* what is under way still completes, nested; world_end looks at the end */
}

void callbacks_destroy_inside_a_completion_ends_all_others(void) {
    world *w = world_make();
    op *o, *second, *third;
    signed_in(w);
    w->silent = 1;
    o = op_new(w);
    CHECK_IS(playerlink_session_refresh(w->client, done, o, &o->id), PLAYERLINK_OK);
    second = op_new(w);
    CHECK_IS(playerlink_account_links(w->client, done, second, &second->id), PLAYERLINK_OK);
    third = op_new(w);
    CHECK_IS(playerlink_logout(w->client, done, third, &third->id), PLAYERLINK_OK);
    third->in_completion = NULL;
    o->in_completion = destroy_in_completion;
    CHECK_IS(playerlink_op_cancel(w->client, o->id), PLAYERLINK_OK);
    (void)tick(w, 0);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_CANCELLED);
    CHECK_IS(second->completions, 1);
    CHECK_IS(third->completions, 1);
    w->destroyed = 1;
    world_end(w);
}

void callbacks_cancel_completes_in_the_next_tick_whatever_the_transport_says(void) {
    world *w = world_make();
    op *o = login(w);
    w->silent = 1;
    settle(w);
    CHECK_IS(w->request_count, 1);
    CHECK_IS(playerlink_op_cancel(w->client, o->id), PLAYERLINK_OK);
    CHECK_IS(o->completions, 0);
    CHECK_IS(answer_with(w, w->requests[0].id, 500, NULL, NULL, "no"), PLAYERLINK_E_UNKNOWN_ID);
    CHECK_IS(tick(w, 0), PLAYERLINK_OK);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_CANCELLED);
    w->requests[0].open = 0;
    settle(w);
    world_end(w);
}

void callbacks_destroy_completes_everything_as_cancelled(void) {
    world *w = world_make();
    op *o = login(w);
    w->silent = 1;
    settle(w);
    CHECK_IS(destroy(w), PLAYERLINK_OK);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_CANCELLED);
    world_end(w);
}

void callbacks_never_ticked_and_destroyed(void) {
    world *w = world_make();
    op *o = login(w);
    CHECK_IS(o->completions, 0);
    CHECK_IS(destroy(w), PLAYERLINK_OK);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_E_CANCELLED);
    CHECK_IS(w->request_count, 0);
    world_end(w);
}

void callbacks_a_start_that_fails_has_no_completion(void) {
    world *w = world_make();
    op *o = op_new(w);
    playerlink_credential c = steam("");
    CHECK((int)playerlink_login(w->client, &c, done, o, &o->id) < 0);
    CHECK_IS(o->id, 0);
    settle(w);
    world_end(w);
}

void callbacks_a_hundred_refreshes_share_one_request(void) {
    world *w = world_make();
    int i, before;
    signed_in(w);
    before = w->logins;
    for (i = 0; i < 100; i++) {
        op *o = op_new(w);
        CHECK_IS(playerlink_session_refresh(w->client, done, o, &o->id), PLAYERLINK_OK);
    }
    settle(w);
    CHECK_IS(w->logins, before + 1);
    for (i = 1; i < 101; i++) {
        CHECK_IS(w->ops[i].result, PLAYERLINK_OK);
    }
    world_end(w);
}

void callbacks_events_can_be_pulled_by_hosts_that_export_none(void) {
    world *w = world_without_client();
    playerlink_completion c;
    playerlink_credential credential = steam(CANARY "-steam");
    playerlink_op id = 0;
    int completions = 0, i;
    w->options.event = NULL;
    CHECK_IS(playerlink_client_create(&w->options, &w->client), PLAYERLINK_OK);
    memset(&c, 0, sizeof c);
    c.struct_size = sizeof c;
    CHECK_IS(playerlink_client_next_event(w->client, &c), PLAYERLINK_NOTHING);
    CHECK_IS(playerlink_login(w->client, &credential, NULL, NULL, &id), PLAYERLINK_OK);
    settle(w);
    for (i = 0; i < 20; i++) {
        int result;
        memset(&c, 0, sizeof c);
        c.struct_size = sizeof c;
        result = (int)playerlink_client_next_event(w->client, &c);
        if (result == PLAYERLINK_NOTHING) {
            break;
        }
        CHECK_IS(result, PLAYERLINK_OK);
        if (c.op != 0) {
            completions++;
            CHECK(c.op == id);
            CHECK_IS(c.result, PLAYERLINK_OK);
            CHECK(c.session != NULL && text_is(c.session->player_id, "player-1"));
        }
    }
    CHECK_IS(completions, 1);
    c.struct_size = 3;
    CHECK_IS(playerlink_client_next_event(w->client, &c), PLAYERLINK_E_STRUCT_SIZE);
    world_end(w);
}

/* A program that just ends: the library has nothing to say any more, and does nothing of its own. */
void callbacks_none_when_the_program_ends_without_destroy(void) {
#ifndef _WIN32
    static world *left;
    int status = 1;
    pid_t child;
    fflush(NULL);
    child = fork();
    if (child == 0) {
        left = world_make();
        left->silent = 1;
        (void)login(left);
        (void)tick(left, 1);
        left->ending = 1;
        exit(0);
    }
    CHECK(child > 0);
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
}

void callbacks_signing_out_ends_the_session_and_wipes_the_store(void) {
    world *w = world_make();
    op *o;
    size_t i;
    int kept_secret = 0;
    signed_in(w);
    o = op_new(w);
    CHECK_IS(playerlink_logout(w->client, done, o, &o->id), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(tick(w, 3000), PLAYERLINK_OK);
    settle(w);
    CHECK_IS(o->completions, 1);
    CHECK_IS(o->result, PLAYERLINK_OK);
    for (i = 0; i < MOST_KEYS; i++) {
        size_t at;
        for (at = 0; w->keys[i].used && at + 6 <= w->keys[i].size; at++) {
            kept_secret |= memcmp(w->keys[i].value + at, CANARY, 6) == 0;
        }
    }
    CHECK(!kept_secret);
    CHECK(w->events[PLAYERLINK_EVENT_SESSION_OVER - 100] >= 1);
    CHECK_IS(w->last_over_reason, PLAYERLINK_OVER_SIGNED_OUT);
    world_end(w);
}
