/* The library's memory comes from here, so that every byte is counted: in a process of its own, since the allocator is
   chosen once. */
#include <stdlib.h>
#ifndef _WIN32
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "check.h"
#include "tests.h"
#include "world.h"

static long long live_blocks, live_bytes, peak_bytes, allocations;
static int unwiped; /* freed with a canary still in it */
static int searching;
static long long starve_from; /* after so many allocations there is none; 0: never */
static int starved;

static void *take(void *user_data, size_t size, size_t align) {
    unsigned char *raw;
    size_t pad = align > 16 ? align : 16;
    (void)user_data;
    if (starve_from != 0 && allocations >= starve_from) {
        starved = 1;
        return NULL;
    }
    raw = malloc(size + pad);
    if (raw == NULL) {
        return NULL;
    }
    live_blocks++;
    allocations++;
    live_bytes += (long long)size;
    if (live_bytes > peak_bytes) {
        peak_bytes = live_bytes;
    }
    if (align <= 16) {
        return raw;
    }
    {
        uintptr_t at = ((uintptr_t)raw + align) & ~(uintptr_t)(align - 1);
        ((unsigned char **)at)[-1] = raw;
        return (void *)at;
    }
}

static void give(void *user_data, void *ptr, size_t size, size_t align) {
    size_t i;
    (void)user_data;
    live_blocks--;
    live_bytes -= (long long)size;
    for (i = 0; searching && i + 6 <= size; i++) {
        unwiped += memcmp((unsigned char *)ptr + i, CANARY, 6) == 0;
    }
    free(align <= 16 ? ptr : (void *)((unsigned char **)ptr)[-1]);
}

void memory_first(void) {
    playerlink_allocator a;
    memset(&a, 0, sizeof a);
    a.struct_size = sizeof a;
    a.alloc = take;
    test_name = "memory_first";
    CHECK_IS(playerlink_set_allocator(NULL), PLAYERLINK_E_NULL);
    CHECK((int)playerlink_set_allocator(&a) < 0); /* both or none */
    a.free = give;
    CHECK_IS(playerlink_set_allocator(&a), PLAYERLINK_OK);
    CHECK_IS(playerlink_set_allocator(&a), PLAYERLINK_E_STATE);
}

static void cycle(int how) {
    world *w = world_make();
    op *o = login(w);
    if (how == 0) {
        settle(w);
        CHECK_IS(o->result, PLAYERLINK_OK);
    } else if (how == 1) {
        w->silent = 1;
        settle(w);
        CHECK_IS(destroy(w), PLAYERLINK_OK);
    }
    world_end(w);
}

void memory_is_flat_over_a_thousand_clients(void) {
    long long blocks, bytes;
    int i;
    for (i = 0; i < 20; i++) {
        cycle(i % 3);
    }
    blocks = live_blocks;
    bytes = live_bytes;
    for (i = 0; i < (shortened ? 100 : 1000); i++) {
        cycle(i % 3);
    }
    CHECK_IS(live_blocks, blocks);
    CHECK_IS(live_bytes, bytes);
    printf("memory: %lld blocks, %lld bytes stay; peak %lld bytes\n", live_blocks, live_bytes, peak_bytes);
}

void memory_an_idle_tick_allocates_nothing(void) {
    world *w = world_make();
    long long before;
    int i;
    signed_in(w);
    CHECK_IS(tick(w, 1), PLAYERLINK_OK);
    before = allocations;
    for (i = 0; i < 10000; i++) {
        (void)tick(w, 1);
    }
    CHECK_IS(allocations, before);
    world_end(w);
}

/* One flow whose requests are all answered like this; what it leaves in the store is the next program's. */
static void refused(uint32_t status, const char *body) {
    world *w = world_make();
    op *o = login(w);
    int i;
    w->silent = 1;
    for (i = 0; i < 60 && o->completions == 0; i++) {
        size_t at;
        CHECK_IS(tick(w, 500), PLAYERLINK_OK);
        for (at = 0; at < w->request_count; at++) {
            if (w->requests[at].open) {
                answer(w, &w->requests[at], status, body);
            }
        }
    }
    CHECK_IS(o->completions, 1);
    CHECK((int)o->result < 0);
    world_end(w);
}

static void whole_life(uint32_t service) {
    world *w = world_make_for(service), *next = world_make_for(service);
    op *o = signed_in(w);
    char token[64];
    size_t size = sizeof token;
    CHECK_IS(playerlink_session_copy_access_token(w->client, token, &size), PLAYERLINK_OK);
    if (service == PLAYERLINK_SERVICE_RALLYHERE) {
        o = op_new(w);
        CHECK_IS(playerlink_session_refresh(w->client, done, o, &o->id), PLAYERLINK_OK);
        settle(w);
        CHECK_IS(o->result, PLAYERLINK_OK);
        o = op_new(w);
        CHECK_IS(playerlink_account_links(w->client, done, o, &o->id), PLAYERLINK_OK);
        settle(w);
    }
    memcpy(next->keys, w->keys, sizeof next->keys);
    next->logins = w->logins;
    o = op_new(next);
    CHECK_IS(playerlink_session_restore(next->client, done, o, &o->id), PLAYERLINK_OK);
    settle(next);
    CHECK_IS(o->completions, 1);
    o = op_new(w);
    CHECK_IS(playerlink_logout(w->client, done, o, &o->id), PLAYERLINK_OK);
    settle(w);
    world_end(next);
    world_end(w);
}

/* Every block that comes back is searched: tickets, tokens, secrets of the configuration, bodies, what is stored. */
void memory_is_wiped_of_secrets_when_it_is_given_back(void) {
    char *planted = take(NULL, 64, 1);
    searching = 1;
    unwiped = 0;
    if (planted != NULL) {
        memset(planted, 'x', 64);
        memcpy(planted + 20, CANARY, 6);
        give(NULL, planted, 64, 1);
    }
    CHECK_IS(unwiped, 1); /* a search that finds what is there */
    unwiped = 0;
    cycle(0);
    cycle(1);
    CHECK_IS(unwiped, 0);
    refused(401, "{\"error_code\":\"auth_invalid\",\"desc\":\"" CANARY "\"}");
    refused(500, "<html>" CANARY "</html>");
    refused(200, "{\"access_token\":\"" CANARY "\",\"refresh_token\":\"" CANARY "\",\"expires_in\":");
    CHECK_IS(unwiped, 0);
    whole_life(PLAYERLINK_SERVICE_RALLYHERE);
    CHECK_IS(unwiped, 0);
    whole_life(PLAYERLINK_SERVICE_PLAYFAB);
    CHECK_IS(unwiped, 0);
    searching = 0;
}

/* Rust has no answer to an allocator that has none but to end the program. That must be a clean stop at each place: no
   write through NULL, no endless loop. Each in a process of its own. */
void memory_that_runs_out_ends_the_program_and_does_nothing_worse(void) {
#ifndef _WIN32
    long n;
    int enough = 0, stopped = 0;
    for (n = 1; n < 3000 && !enough; n += shortened ? 23 : 1) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            if (freopen("/dev/null", "w", stderr) == NULL) {
                _exit(9);
            }
            alarm(20);
            starve_from = allocations + n;
            cycle(0);
            _exit(starved ? 3 : 0);
        }
        CHECK(child > 0);
        if (child <= 0 || waitpid(child, &status, 0) != child) {
            break;
        }
        enough = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        stopped += WIFSIGNALED(status);
        if (!enough && !(WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGILL ||
                                                 WTERMSIG(status) == SIGTRAP))) {
            failures++;
            fprintf(stderr, "%s: without the allocation number %ld: status %x\n", test_name, n, (unsigned)status);
        }
    }
    CHECK(enough);
    CHECK(stopped > 10);
#endif
}
