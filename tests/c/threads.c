/* Calls from many threads at once. Storms are counted, never timed. */
#include <pthread.h>

#include "check.h"
#include "tests.h"
#include "world.h"

/* What a completion from another thread needs: no check in here, they count without a lock. */
typedef struct helper {
    playerlink_client client;
    pthread_mutex_t lock;
    uint64_t ids[4096];
    size_t given, answered;
    int stop;
    long completions, callbacks;
} helper;

static int32_t threaded_send(void *user_data, playerlink_client client, const playerlink_http_request *sent) {
    helper *h = user_data;
    (void)client;
    pthread_mutex_lock(&h->lock);
    if (h->given < 4096) {
        h->ids[h->given++] = sent->id;
    }
    pthread_mutex_unlock(&h->lock);
    return 0;
}

static void threaded_done(void *user_data, playerlink_client client, const playerlink_completion *c) {
    helper *h = user_data;
    (void)client;
    pthread_mutex_lock(&h->lock);
    h->completions += c->op != 0;
    h->callbacks++;
    pthread_mutex_unlock(&h->lock);
}

static const char *const ANSWER =
    "{\"access_token\":\"" CANARY "-a\",\"refresh_token\":\"" CANARY "-r\",\"token_type\":\"bearer\","
    "\"expires_in\":3600,\"active_player_uuid\":\"p\",\"person_id\":\"q\",\"platform\":\"Steam\","
    "\"portal_user_id\":\"s\"}";

/* The host's network thread. */
static void *network(void *from) {
    helper *h = from;
    int stop = 0;
    while (!stop) {
        uint64_t id = 0;
        pthread_mutex_lock(&h->lock);
        stop = h->stop;
        if (h->answered < h->given) {
            id = h->ids[h->answered++];
        }
        pthread_mutex_unlock(&h->lock);
        if (id != 0) {
            playerlink_http_response response;
            memset(&response, 0, sizeof response);
            response.struct_size = sizeof response;
            response.status = 200;
            response.body.ptr = (const uint8_t *)ANSWER;
            response.body.len = strlen(ANSWER);
            (void)playerlink_http_complete(h->client, id, &response);
            (void)playerlink_http_complete(h->client, id, &response);
        }
    }
    return NULL;
}

/* A thread that starts and cancels. */
static void *impatient(void *from) {
    helper *h = from;
    long started = 0;
    int i;
    for (i = 0; i < 400; i++) {
        playerlink_op op = 0;
        if ((int)playerlink_session_refresh(h->client, threaded_done, h, &op) == PLAYERLINK_OK) {
            started++;
            if (i % 2 == 0) {
                (void)playerlink_op_cancel(h->client, op);
            }
        }
        (void)playerlink_client_notify(h->client, PLAYERLINK_NOTIFY_RESUMED);
    }
    return (void *)(uintptr_t)started;
}

static void helper_make(helper *h, playerlink_host *host) {
    world *plan = world_without_client();
    memset(h, 0, sizeof *h);
    pthread_mutex_init(&h->lock, NULL);
    *host = plan->host;
    host->user_data = h;
    host->http_send = threaded_send;
    host->http_cancel = NULL;
    host->storage = NULL;
    host->random = NULL;
    host->log = NULL;
    plan->options.host = host;
    plan->options.log_level = 0;
    plan->options.event = threaded_done;
    plan->options.event_user_data = h;
    CHECK_IS(playerlink_client_create(&plan->options, &h->client), PLAYERLINK_OK);
    plan->client = 0;
    world_end(plan);
}

void threads_complete_start_cancel_and_tick_at_once(void) {
    helper h;
    playerlink_host host;
    playerlink_credential c = steam(CANARY);
    playerlink_op op = 0;
    pthread_t net, first, second;
    void *started_first, *started_second;
    long expected;
    uint64_t now = 1;
    int i;
    helper_make(&h, &host);
    CHECK_IS(playerlink_login(h.client, &c, threaded_done, &h, &op), PLAYERLINK_OK);
    pthread_create(&net, NULL, network, &h);
    for (i = 0; i < 100000; i++) {
        long seen;
        (void)playerlink_client_tick(h.client, now, 0, NULL);
        pthread_mutex_lock(&h.lock);
        seen = h.completions;
        pthread_mutex_unlock(&h.lock);
        if (seen > 0) {
            break;
        }
    }
    pthread_create(&first, NULL, impatient, &h);
    pthread_create(&second, NULL, impatient, &h);
    for (i = 0; i < 3000; i++) {
        (void)playerlink_client_tick(h.client, now += 5, 0, NULL);
    }
    pthread_join(first, &started_first);
    pthread_join(second, &started_second);
    CHECK_IS(playerlink_client_destroy(h.client), PLAYERLINK_OK);
    pthread_mutex_lock(&h.lock);
    h.stop = 1;
    pthread_mutex_unlock(&h.lock);
    pthread_join(net, NULL);
    expected = 1 + (long)(uintptr_t)started_first + (long)(uintptr_t)started_second;
    CHECK_IS(h.completions, expected);
    pthread_mutex_destroy(&h.lock);
}

static void *ticking(void *from) {
    helper *h = from;
    uint64_t now = 1;
    int result = PLAYERLINK_OK;
    while (result == PLAYERLINK_OK || result == PLAYERLINK_E_REENTRANT) {
        result = (int)playerlink_client_tick(h->client, now++, 0, NULL);
    }
    return (void *)(intptr_t)result;
}

void threads_destroy_while_two_others_tick(void) {
    int round;
    for (round = 0; round < 50; round++) {
        helper h;
        playerlink_host host;
        playerlink_credential c = steam(CANARY);
        playerlink_op op = 0;
        pthread_t first, second;
        void *end_first, *end_second;
        long callbacks;
        helper_make(&h, &host);
        pthread_create(&first, NULL, ticking, &h);
        pthread_create(&second, NULL, ticking, &h);
        CHECK_IS(playerlink_login(h.client, &c, threaded_done, &h, &op), PLAYERLINK_OK);
        CHECK_IS(playerlink_client_destroy(h.client), PLAYERLINK_OK);
        /* After destroy has returned no callback comes. */
        pthread_mutex_lock(&h.lock);
        callbacks = h.callbacks;
        pthread_mutex_unlock(&h.lock);
        CHECK_IS(h.completions, 1);
        pthread_join(first, &end_first);
        pthread_join(second, &end_second);
        CHECK_IS((intptr_t)end_first, PLAYERLINK_E_BAD_HANDLE);
        CHECK_IS((intptr_t)end_second, PLAYERLINK_E_BAD_HANDLE);
        CHECK_IS(h.callbacks, callbacks);
        pthread_mutex_destroy(&h.lock);
    }
}

static void *own_client(void *from) {
    helper h;
    playerlink_host *host = from;
    playerlink_credential c = steam(CANARY);
    playerlink_op op = 0;
    int i;
    for (i = 0; i < 100; i++) {
        playerlink_host mine;
        helper_make(&h, &mine);
        (void)playerlink_login(h.client, &c, threaded_done, &h, &op);
        (void)playerlink_client_tick(h.client, 5, 0, NULL);
        (void)playerlink_client_destroy(h.client);
        pthread_mutex_destroy(&h.lock);
        host->reserved += h.completions == 1;
    }
    return NULL;
}

void threads_a_client_on_each(void) {
    pthread_t all[2];
    playerlink_host counted[2];
    int i;
    memset(counted, 0, sizeof counted);
    for (i = 0; i < 2; i++) {
        pthread_create(&all[i], NULL, own_client, &counted[i]);
    }
    for (i = 0; i < 2; i++) {
        pthread_join(all[i], NULL);
        CHECK_IS(counted[i].reserved, 100);
    }
}
