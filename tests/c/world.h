/* A host whose clock, network and storage do what a test says, and one client in it. It holds each callback to what the
   header promises: only in tick or destroy, exactly once for each operation, no secret in any text. */
#ifndef WORLD_H
#define WORLD_H

#include <playerlink/playerlink.h>

#define MOST_REQUESTS 256
#define MOST_KEYS 16
#define MOST_OPS 512
#define HOUR 3600000u

/* In every secret of these tests; in no log, error or event. */
#define CANARY "canary"

typedef struct request {
    uint64_t id;
    int open;      /* not answered yet */
    int cancelled; /* http_cancel came */
    uint32_t timeout_ms;
    char method[16];
    char url[512];
    char body[4096];
    char authorization[256];
} request;

typedef struct kept {
    int used;
    char key[65];
    unsigned char value[8192];
    size_t size;
} kept;

typedef struct storing {
    int open;
    uint64_t id;
    uint32_t kind;
    char key[65];
    unsigned char value[8192];
    size_t size;
} storing;

struct world;

/* An operation: what it was started with and how it ended. */
typedef struct op {
    struct world *world;
    playerlink_op id;
    int completions;
    int result;
    uint32_t kind;
    uint32_t flags;
    uint32_t http_status;
    uint32_t retry_after_ms;
    uint32_t code_number;
    uint32_t agreements;
    uint32_t over_reason;
    int has_session;
    int has_error;
    uint32_t session_status;
    size_t link_count;
    size_t account_count;
    char account[64]; /* the first one's */
    size_t restriction_count;
    char restriction[64];
    char player[64];
    char service_code[64];
    char message[512];
    char code[16];
    /* Run in the completion, to do what hosts do there. */
    void (*in_completion)(struct op *self);
} op;

typedef struct world {
    playerlink_client client;
    playerlink_client_options options;
    playerlink_host host;
    uint64_t now;
    uint64_t wall;
    uint32_t wait_ms;

    request requests[MOST_REQUESTS];
    size_t request_count;
    int refuse_requests;   /* http_send answers 1 */
    int answer_in_send;    /* the fake service answers in http_send itself */
    int silent;            /* `serve` leaves requests alone */
    int logins;            /* tokens given out */
    uint32_t expires_in_s; /* of the next token */

    kept keys[MOST_KEYS];
    storing storings[MOST_REQUESTS];
    size_t storing_count;
    int storage_later;  /* answers wait for `answer_storage` */
    int storage_fails;  /* every answer is a failure */
    int storage_refuses;

    op ops[MOST_OPS];
    size_t op_count;
    int events[128]; /* by kind less 100 */
    uint32_t last_over_reason;
    int depth;        /* in a call that may call back */
    int destroyed;
    int ending;            /* the program ends: a callback now is the end of the test */
    int foreign_callbacks; /* outside of tick and destroy, or after destroy */
    char log[65536];
    size_t log_size;
} world;

world *world_make(void);                     /* RallyHere, a client, storage; the clock at 2^40 */
world *world_make_for(uint32_t service);
world *world_without_client(void);           /* options and host filled in, no client yet */
void world_end(world *w);                    /* destroys what is left and checks the promises */

playerlink_str text(const char *from);       /* NUL-terminated */
playerlink_str sized(const char *from, size_t size);
playerlink_credential steam(const char *ticket);

playerlink_result tick(world *w, uint64_t advance_ms);
void serve(world *w);                        /* answers every open request as the service would */
void settle(world *w);                       /* ticks and serves until nothing moves any more; no time passes */
void answer(world *w, request *to, uint32_t status, const char *body);
playerlink_result answer_with(world *w, uint64_t id, uint32_t status, const char *header, const char *value, const char *body);
playerlink_result fail(world *w, uint64_t id, uint32_t failure);
void answer_storage(world *w);
request *last_request(world *w);
size_t open_requests(world *w);

op *op_new(world *w);                        /* for a call that starts an operation: pass done, op, &op->id */
void done(void *user_data, playerlink_client client, const playerlink_completion *completion);
op *login(world *w);                         /* starts one, as Steam */
op *signed_in(world *w);                     /* starts and finishes one */
int destroy(world *w);
int text_is(playerlink_str found, const char *expected);

#endif
