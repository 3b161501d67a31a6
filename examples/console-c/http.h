/* The console's own HTTP, by libcurl: as a console would use its platform's. */
#ifndef HTTP_H
#define HTTP_H

#include <playerlink/playerlink.h>

int http_start(void);
void http_stop(void);

/* Moves transfers on, gives answers to the library, and waits up to `wait_ms`; with `for_input` less when there
   is a line to read. */
void http_frame(playerlink_client client, int wait_ms, int for_input);

/* For playerlink_host. */
int32_t http_send(void *user_data, playerlink_client client, const playerlink_http_request *request);
void http_cancel(void *user_data, playerlink_client client, uint64_t request_id);

#endif
