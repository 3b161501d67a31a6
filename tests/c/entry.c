/* Codes that players type, and codes on a screen. */
#include "check.h"
#include "tests.h"
#include "world.h"

/* Whether the library has code entry at all; where it has not, each call of it says so. */
static int absent(void) {
    playerlink_code_entry out;
    char buffer[256];
    size_t size = sizeof buffer;
    memset(&out, 0, sizeof out);
    out.struct_size = sizeof out;
    if (playerlink_code_entry_check(NULL, "1", 1, &out, buffer, &size) == PLAYERLINK_E_UNSUPPORTED) {
        printf("%s: SKIPPED: this library has no code entry\n", test_name);
        return 1;
    }
    return 0;
}

static int check_entry(const char *typed, playerlink_code_entry *out, char *buffer) {
    size_t size = 256;
    memset(out, 0, sizeof *out);
    out->struct_size = sizeof *out;
    return (int)playerlink_code_entry_check(NULL, typed, strlen(typed), out, buffer, &size);
}

void entry_what_players_type(void) {
    playerlink_code_entry out;
    char buffer[256];
    if (absent()) {
        return;
    }
    CHECK_IS(check_entry(" 123-456 ", &out, buffer), PLAYERLINK_OK);
    CHECK_IS(out.problem, PLAYERLINK_CODE_GOOD);
    CHECK(text_is(out.normalized, "123456"));
    CHECK_IS(check_entry("", &out, buffer), PLAYERLINK_OK);
    CHECK_IS(out.problem, PLAYERLINK_CODE_EMPTY);
    CHECK_IS(check_entry("1234", &out, buffer), PLAYERLINK_OK);
    CHECK_IS(out.problem, PLAYERLINK_CODE_TOO_SHORT);
    CHECK_IS(out.count, 2);
    CHECK_IS(check_entry("12345678", &out, buffer), PLAYERLINK_OK);
    CHECK_IS(out.problem, PLAYERLINK_CODE_TOO_LONG);
    CHECK_IS(out.count, 2);
    CHECK_IS(check_entry("12345x", &out, buffer), PLAYERLINK_OK);
    CHECK_IS(out.problem, PLAYERLINK_CODE_BAD_CHARACTER);
    CHECK_IS(out.position, 5);
}

void entry_full_width_digits_of_a_console_keyboard(void) {
    playerlink_code_entry out;
    char buffer[256];
    if (absent()) {
        return;
    }
    CHECK_IS(check_entry("\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96", &out, buffer),
             PLAYERLINK_OK);
    CHECK_IS(out.problem, PLAYERLINK_CODE_GOOD);
    CHECK(text_is(out.normalized, "123456"));
}

void entry_misuse(void) {
    playerlink_code_entry out;
    playerlink_code_format format;
    char buffer[256];
    size_t size = 1;
    if (absent()) {
        return;
    }
    memset(&out, 0, sizeof out);
    out.struct_size = sizeof out;
    CHECK_IS(playerlink_code_entry_check(NULL, "123456", 6, &out, buffer, &size), PLAYERLINK_E_BUFFER);
    CHECK(size > 1 && size <= 256);
    memset(&format, 0, sizeof format);
    format.struct_size = sizeof format;
    format.kind = 77;
    size = sizeof buffer;
    CHECK_IS(playerlink_code_entry_check(&format, "123456", 6, &out, buffer, &size), PLAYERLINK_E_ARGUMENT);
    size = sizeof buffer;
    CHECK_IS(playerlink_code_entry_check(NULL, "\xC3(", 2, &out, buffer, &size), PLAYERLINK_E_ARGUMENT);
}

void entry_calls_of_another_service_are_unsupported(void) {
    world *w = world_make();
    op *o;
    playerlink_op out = 5;
    size_t size = 0;
    signed_in(w);
    o = op_new(w);
    CHECK_IS(playerlink_linking_code_create(w->client, NULL, done, o, &out), PLAYERLINK_E_UNSUPPORTED);
    CHECK_IS(out, 0);
    CHECK_IS(playerlink_session_copy_ticket(w->client, NULL, &size), PLAYERLINK_E_UNSUPPORTED);
    world_end(w);
}

void entry_playfab_has_a_ticket_and_no_list_of_links(void) {
    world *w = world_make_for(PLAYERLINK_SERVICE_PLAYFAB);
    char ticket[64];
    size_t size = sizeof ticket;
    playerlink_op out = 5;
    op *o = signed_in(w);
    CHECK_TEXT(o->player, "F1");
    CHECK_IS(playerlink_session_copy_ticket(w->client, ticket, &size), PLAYERLINK_OK);
    CHECK_TEXT(ticket, CANARY "-ticket-1");
    o = op_new(w);
    CHECK_IS(playerlink_account_links(w->client, done, o, &out), PLAYERLINK_E_UNSUPPORTED);
    CHECK_IS(playerlink_cross_progression_disable(w->client, done, o, &out), PLAYERLINK_E_UNSUPPORTED);
    world_end(w);
}
