#include "http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define MOST_HEADERS 64
#define MOST_BODY (1u << 20)

/* One request under way. Nothing in it is ever printed: headers and bodies hold secrets. */
typedef struct transfer {
    CURL *easy;
    struct curl_slist *sent;
    char *sent_body, *body;
    size_t size;
    char *lines[MOST_HEADERS];
    size_t line_count;
    int too_large;
    uint64_t id;
    struct transfer *next;
} transfer;

static CURLM *multi;
static transfer *all;

int http_start(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    return multi != NULL;
}

static void let_go(transfer *t) {
    transfer **at;
    for (at = &all; *at != NULL && *at != t; at = &(*at)->next) {
    }
    if (*at != NULL) {
        *at = t->next;
    }
    curl_multi_remove_handle(multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->sent);
    while (t->line_count > 0) {
        free(t->lines[--t->line_count]);
    }
    free(t->sent_body);
    free(t->body);
    free(t);
}

void http_stop(void) {
    while (all != NULL) {
        let_go(all);
    }
    curl_multi_cleanup(multi);
    curl_global_cleanup();
}

static size_t on_body(char *data, size_t size, size_t count, void *from) {
    transfer *t = from;
    char *grown;
    if (t->size + size * count > MOST_BODY) {
        t->too_large = 1;
        return 0;
    }
    grown = realloc(t->body, t->size + size * count + 1);
    if (grown == NULL) {
        return 0;
    }
    t->body = grown;
    memcpy(t->body + t->size, data, size * count);
    t->size += size * count;
    return size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *from) {
    transfer *t = from;
    if (memchr(data, ':', size * count) != NULL && t->line_count < MOST_HEADERS) {
        char *line = malloc(size * count + 1);
        if (line != NULL) {
            memcpy(line, data, size * count);
            line[size * count] = '\0';
            line[strcspn(line, "\r\n")] = '\0';
            t->lines[t->line_count++] = line;
        }
    }
    return size * count;
}

static char *copied(const char *from, size_t size) {
    char *made = malloc(size + 1);
    if (made != NULL) {
        if (size > 0) {
            memcpy(made, from, size);
        }
        made[size] = '\0';
    }
    return made;
}

int32_t http_send(void *user_data, playerlink_client client, const playerlink_http_request *request) {
    transfer *t = calloc(1, sizeof *t);
    size_t i;
    (void)user_data;
    (void)client;
    if (t == NULL || (t->easy = curl_easy_init()) == NULL) {
        free(t);
        return 1;
    }
    t->id = request->id;
    t->sent_body = copied((const char *)request->body.ptr, request->body.len);
    for (i = 0; i < request->header_count; i++) {
        const playerlink_header *h = &request->headers[i];
        char *line = malloc(h->name.len + h->value.len + 3);
        if (line != NULL) {
            memcpy(line, h->name.ptr, h->name.len);
            memcpy(line + h->name.len, ": ", 2);
            memcpy(line + h->name.len + 2, h->value.ptr, h->value.len);
            line[h->name.len + 2 + h->value.len] = '\0';
            t->sent = curl_slist_append(t->sent, line);
            free(line);
        }
    }
    /* Texts of the library end with a NUL. */
    curl_easy_setopt(t->easy, CURLOPT_URL, request->url.ptr);
    curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, request->method.ptr);
    if (request->body.len > 0 || strcmp(request->method.ptr, "POST") == 0) {
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE, (long)request->body.len);
        curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->sent_body);
    }
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->sent);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    t->next = all;
    all = t;
    if (curl_multi_add_handle(multi, t->easy) != CURLM_OK) {
        let_go(t);
        return 1;
    }
    return 0;
}

void http_cancel(void *user_data, playerlink_client client, uint64_t request_id) {
    transfer *t;
    (void)user_data;
    (void)client;
    for (t = all; t != NULL; t = t->next) {
        if (t->id == request_id) {
            let_go(t);
            return;
        }
    }
}

/* Why there is no answer, in the library's words. */
static uint32_t failure(CURLcode code, const transfer *t) {
    if (t->too_large) {
        return PLAYERLINK_HTTP_BODY_TOO_LARGE;
    }
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return PLAYERLINK_HTTP_TIMEOUT;
    case CURLE_PARTIAL_FILE:
        return PLAYERLINK_HTTP_TRUNCATED;
    case CURLE_SSL_CACERT_BADFILE:
        return PLAYERLINK_HTTP_UNUSABLE;
    default:
        return PLAYERLINK_HTTP_NETWORK;
    }
}

static void answer(playerlink_client client, transfer *t, CURLcode code) {
    playerlink_http_response response;
    playerlink_header headers[MOST_HEADERS];
    long status = 0;
    size_t i;
    memset(&response, 0, sizeof response);
    response.struct_size = sizeof response;
    if (code == CURLE_OK) {
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
        response.status = (uint32_t)status;
    } else {
        response.failure = failure(code, t);
    }
    for (i = 0; i < t->line_count; i++) {
        const char *colon = strchr(t->lines[i], ':');
        const char *value = colon + 1 + strspn(colon + 1, " \t");
        headers[i].name.ptr = t->lines[i];
        headers[i].name.len = (size_t)(colon - t->lines[i]);
        headers[i].value.ptr = value;
        headers[i].value.len = strlen(value);
    }
    response.headers = headers;
    response.header_count = t->line_count;
    response.body.ptr = (const uint8_t *)t->body;
    response.body.len = t->size;
    (void)playerlink_http_complete(client, t->id, &response);
    let_go(t);
}

void http_frame(playerlink_client client, int wait_ms, int for_input) {
    struct curl_waitfd input;
    CURLMsg *message;
    int running, left;
    curl_multi_perform(multi, &running);
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            CURLcode code = message->data.result;
            transfer *t = NULL;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
            answer(client, t, code);
            wait_ms = 0;
        }
    }
    memset(&input, 0, sizeof input);
    input.fd = 0;
    input.events = CURL_WAIT_POLLIN;
    curl_multi_poll(multi, &input, for_input ? 1 : 0, wait_ms, NULL);
}
