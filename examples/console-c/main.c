/* A game on a console, in C: its own frame loop and its own HTTP (http.c). It knows its game server and nothing else. See
   README.md for how it is built; `cargo xtask demo` plays it.

     console-c --server http://127.0.0.1:4001 --ticket test-ticket-alex

   Then type sign-in, link 123456, who or quit. The code comes from standard input, never from the command line, where
   every program of the machine could read it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "http.h"

/* The emulator's shadow project, where platform accounts live, and its public client. */
#define SHADOW_PROJECT "0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809"
#define SHADOW_CLIENT "60"
#define FRAME_MS 16

static playerlink_client client;
static const char *ticket;
static int json;  /* one JSON object a line, for programs */
static int busy;  /* an operation is under way: the next line waits */

static playerlink_str text(const char *from) {
    playerlink_str made;
    made.ptr = from;
    made.len = strlen(from);
    return made;
}

static playerlink_str none(void) {
    return text("");
}

/* ---- what the player sees --------------------------------------------------------------------------------------- */

static void member(const char *name, playerlink_str value) {
    size_t i;
    printf(",\"%s\":\"", name);
    for (i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20) {
            printf("\\u%04x", c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

static void say(const char *event, const char *words) {
    if (json) {
        printf("{\"event\":\"%s\"}\n", event);
    } else {
        printf("%s\n", words);
    }
    fflush(stdout);
}

static void say_signed_in(playerlink_str player_id) {
    if (json) {
        printf("{\"event\":\"signed-in\",\"status\":200");
        member("playerId", player_id);
        printf("}\n");
    } else {
        printf("Signed in as %.*s\n", (int)player_id.len, player_id.ptr);
    }
    fflush(stdout);
}

/* Branch on `result`; show the player the sentence; `message` is for the developer's log. */
static void say_refused(playerlink_result result, const playerlink_error *error) {
    playerlink_str words = error != NULL ? error->player_message : none();
    if (words.len == 0) {
        words = text("That did not work just now. Please try again in a moment.");
    }
    if (json) {
        printf("{\"event\":\"refused\",\"status\":%u", error != NULL ? (unsigned)error->http_status : 0u);
        member("kind", text(playerlink_result_name((int32_t)result)));
        if (error != NULL && error->service_code.len > 0) {
            member("code", error->service_code);
        }
        member("playerMessage", words);
        printf("}\n");
    } else {
        printf("%.*s\n", (int)words.len, words.ptr);
    }
    fflush(stdout);
}

/* ---- what the game does ----------------------------------------------------------------------------------------- */

static void done(void *user_data, playerlink_client from, const playerlink_completion *c) {
    (void)user_data;
    (void)from;
    busy = 0;
    if (c->result < 0) {
        say_refused(c->result, c->error);
        return;
    }
    if (c->kind == PLAYERLINK_COMPLETION_LINK_BY_CODE) {
        if (json) {
            printf("{\"event\":\"linked\",\"status\":204}\n");
        } else {
            printf("Linked. Signing in again…\n");
        }
    }
    if (c->session != NULL) {
        say_signed_in(c->session->player_id);
    }
}

/* Another player is active now: a game loads that player's data here. */
static void event(void *user_data, playerlink_client from, const playerlink_completion *c) {
    (void)user_data;
    (void)from;
    if (c->kind == PLAYERLINK_EVENT_PLAYER_CHANGED && !json) {
        printf("(another player is active now)\n");
    }
}

static void sign_in(void) {
    playerlink_credential credential;
    playerlink_result result;
    memset(&credential, 0, sizeof credential);
    credential.struct_size = sizeof credential;
    credential.kind = PLAYERLINK_CREDENTIAL_GAME_SERVER;
    credential.token = text(ticket);
    result = playerlink_login(client, &credential, done, NULL, NULL);
    busy = result >= 0;
    if (!busy) {
        say_refused(result, NULL);
    }
}

static void link_by_code(const char *typed) {
    playerlink_link_by_code_request request;
    playerlink_result result;
    memset(&request, 0, sizeof request);
    request.struct_size = sizeof request;
    request.code = text(typed);
    request.platform_ticket = text(ticket);
    result = playerlink_link_by_code(client, &request, done, NULL, NULL);
    busy = result >= 0;
    if (!busy) {
        say_refused(result, NULL);
    }
}

static void who(void) {
    playerlink_session session;
    char buffer[1024];
    size_t size = sizeof buffer;
    memset(&session, 0, sizeof session);
    session.struct_size = sizeof session;
    if (playerlink_session_get(client, &session, buffer, &size) == PLAYERLINK_OK &&
        session.status == PLAYERLINK_SESSION_SIGNED_IN) {
        say_signed_in(session.player_id);
    } else {
        say("signed-out", "Not signed in");
    }
}

/* Does what a line says; 0: quit. */
static int obey(char *line) {
    line[strcspn(line, "\r\n")] = '\0';
    if (strcmp(line, "sign-in") == 0) {
        sign_in();
    } else if (strncmp(line, "link ", 5) == 0) {
        link_by_code(line + 5);
    } else if (strcmp(line, "who") == 0) {
        who();
    } else if (strcmp(line, "quit") == 0) {
        return 0;
    } else if (line[0] != '\0') {
        say("unknown", "sign-in, link CODE, who, quit");
    }
    memset(line, 0, strlen(line)); /* it may have been a code */
    return 1;
}

/* ---- the frame loop --------------------------------------------------------------------------------------------- */

static uint64_t milliseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Reads what is there without waiting; 0: the input has ended or said quit. */
static int read_line(char *line, size_t room, size_t *size) {
    struct pollfd input;
    input.fd = 0;
    input.events = POLLIN;
    while (!busy && poll(&input, 1, 0) > 0) {
        if (read(0, line + *size, 1) != 1) {
            return 0;
        }
        if (line[*size] == '\n' || *size + 2 == room) {
            line[*size] = '\0';
            *size = 0;
            if (!obey(line)) {
                return 0;
            }
        } else {
            (*size)++;
        }
    }
    return 1;
}

static void play(void) {
    char line[256];
    size_t size = 0;
    say("ready", "sign-in, link CODE, who, quit");
    while (read_line(line, sizeof line, &size)) {
        if (playerlink_client_tick(client, milliseconds(CLOCK_MONOTONIC), milliseconds(CLOCK_REALTIME), NULL) < 0) {
            return;
        }
        /* Here a game would draw. */
        http_frame(client, FRAME_MS, !busy);
    }
}

int main(int count, char **given) {
    playerlink_client_options options;
    playerlink_host host;
    int i;
    memset(&options, 0, sizeof options);
    memset(&host, 0, sizeof host);
    options.struct_size = sizeof options;
    options.abi_version = PLAYERLINK_ABI_VERSION;
    options.service = PLAYERLINK_SERVICE_XSOLLA;
    options.project_id = text(SHADOW_PROJECT);
    options.client_id = text(SHADOW_CLIENT);
    for (i = 1; i < count; i++) {
        if (strcmp(given[i], "--json") == 0) {
            json = 1;
        } else if (strcmp(given[i], "--server") == 0 && i + 1 < count) {
            options.game_server_url = text(given[++i]);
        } else if (strcmp(given[i], "--ticket") == 0 && i + 1 < count) {
            ticket = given[++i];
        } else {
            ticket = NULL;
            break;
        }
    }
    if (ticket == NULL || options.game_server_url.len == 0 || !http_start()) {
        fprintf(stderr, "usage: console-c --server URL --ticket TICKET [--json]\n");
        return 2;
    }
    host.struct_size = sizeof host;
    host.http_send = http_send;
    host.http_cancel = http_cancel;
    options.host = &host;
    options.event = event;
    if (playerlink_client_create(&options, &client) < 0) {
        char why[512] = "";
        size_t size = sizeof why;
        (void)playerlink_error_copy(0, why, &size);
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    play();
    (void)playerlink_client_destroy(client);
    http_stop();
    return 0;
}
