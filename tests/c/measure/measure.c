/* What the library costs: `measure idle`, `measure ticks ROUNDS`, `measure login ROUNDS`, `measure clients COUNT`. One `name value` a line. Its host
   answers at once, so that only the library is measured. */
#include <playerlink/playerlink.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long allocations, live_bytes, peak_bytes;
static uint64_t now = (uint64_t)1 << 40;

static void *take(void *user_data, size_t size, size_t align) {
    (void)user_data;
    (void)align; /* never above malloc's 16 */
    allocations++;
    live_bytes += (long long)size;
    if (live_bytes > peak_bytes) {
        peak_bytes = live_bytes;
    }
    return malloc(size);
}

static void give(void *user_data, void *ptr, size_t size, size_t align) {
    (void)user_data;
    (void)align;
    live_bytes -= (long long)size;
    free(ptr);
}

static const char ANSWER[] =
    "{\"access_token\":\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwIn0.c2ln\",\"refresh_token\":\"0123456789abcdef\","
    "\"token_type\":\"bearer\",\"expires_in\":3600,\"active_player_uuid\":\"b3f7c2a0-0000-4000-8000-000000000001\","
    "\"person_id\":\"b3f7c2a0-0000-4000-8000-000000000002\",\"platform\":\"Steam\","
    "\"portal_user_id\":\"76561197960287930\",\"display_name\":\"Nova\"}";

static int32_t send_at_once(void *user_data, playerlink_client client, const playerlink_http_request *request) {
    playerlink_http_response response;
    (void)user_data;
    memset(&response, 0, sizeof response);
    response.struct_size = sizeof response;
    response.status = 200;
    response.body.ptr = (const uint8_t *)ANSWER;
    response.body.len = sizeof ANSWER - 1;
    (void)playerlink_http_complete(client, request->id, &response);
    return 0;
}

static void done(void *user_data, playerlink_client client, const playerlink_completion *c) {
    (void)client;
    *(int *)user_data += c->result == PLAYERLINK_OK;
}

static playerlink_str text(const char *from) {
    playerlink_str made;
    made.ptr = from;
    made.len = strlen(from);
    return made;
}

static playerlink_client made(void) {
    playerlink_client client = 0;
    playerlink_client_options options;
    playerlink_host host;
    memset(&options, 0, sizeof options);
    memset(&host, 0, sizeof host);
    host.struct_size = sizeof host;
    host.http_send = send_at_once;
    options.struct_size = sizeof options;
    options.abi_version = PLAYERLINK_ABI_VERSION;
    options.service = PLAYERLINK_SERVICE_RALLYHERE;
    options.environment = text("demo");
    options.client_id = text("game");
    options.client_secret = text("secret");
    options.host = &host;
    if (playerlink_client_create(&options, &client) != PLAYERLINK_OK) {
        exit(1);
    }
    return client;
}

static void sign_in(playerlink_client client) {
    playerlink_credential credential;
    int count = 0, frame;
    memset(&credential, 0, sizeof credential);
    credential.struct_size = sizeof credential;
    credential.kind = PLAYERLINK_CREDENTIAL_STEAM;
    credential.token = text("ticket");
    if (playerlink_login(client, &credential, done, &count, NULL) != PLAYERLINK_OK) {
        exit(1);
    }
    for (frame = 0; frame < 100 && count == 0; frame++) {
        (void)playerlink_client_tick(client, ++now, 0, NULL);
    }
    if (count != 1) {
        fprintf(stderr, "the login did not work\n");
        exit(1);
    }
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void idle(void) {
    playerlink_client client = made();
    double best = 1e9;
    long long before;
    int round, i;
    sign_in(client);
    for (i = 0; i < 100; i++) {
        (void)playerlink_client_tick(client, ++now, 0, NULL);
    }
    before = allocations;
    for (round = 0; round < 20; round++) {
        double start = seconds(), took;
        for (i = 0; i < 100000; i++) {
            (void)playerlink_client_tick(client, ++now, 0, NULL);
        }
        took = (seconds() - start) / 100000 * 1e9;
        best = took < best ? took : best;
    }
    printf("idle_tick_ns %.0f\nidle_tick_allocations %lld\n", best, allocations - before);
    (void)playerlink_client_destroy(client);
}

static void ticks(int rounds) {
    playerlink_client client = made();
    int i;
    sign_in(client);
    for (i = 0; i < rounds; i++) {
        (void)playerlink_client_tick(client, ++now, 0, NULL);
    }
    (void)playerlink_client_destroy(client);
}

static void logins(int rounds) {
    int i;
    long long first = 0;
    for (i = 0; i < rounds; i++) {
        playerlink_client client = made();
        sign_in(client);
        (void)playerlink_client_destroy(client);
        if (i == 0) {
            first = allocations;
        }
    }
    printf("login_allocations %lld\nlogin_peak_bytes %lld\n", rounds > 1 ? (allocations - first) / (rounds - 1) : first,
           peak_bytes);
}

static void clients(int count) {
    playerlink_client *all = malloc((size_t)count * sizeof *all);
    int i;
    for (i = 0; i < count; i++) {
        all[i] = made();
        sign_in(all[i]);
    }
    printf("clients_bytes_each %lld\n", live_bytes / count);
    for (i = 0; i < count; i++) {
        (void)playerlink_client_destroy(all[i]);
    }
    printf("clients_bytes_left %lld\n", live_bytes);
    free(all);
}

int main(int count, char **arguments) {
    playerlink_allocator allocator;
    int number = count > 2 ? atoi(arguments[2]) : 1;
    memset(&allocator, 0, sizeof allocator);
    allocator.struct_size = sizeof allocator;
    allocator.alloc = take;
    allocator.free = give;
    if (count < 2 || playerlink_set_allocator(&allocator) != PLAYERLINK_OK) {
        return 2;
    }
    if (strcmp(arguments[1], "idle") == 0) {
        idle();
    } else if (strcmp(arguments[1], "ticks") == 0) {
        ticks(number);
    } else if (strcmp(arguments[1], "login") == 0) {
        logins(number);
    } else {
        clients(number);
    }
    return 0;
}
