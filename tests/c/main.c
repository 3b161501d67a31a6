/* The suite of the C ABI: `suite` runs everything, `suite NAME` what has NAME in its name. */
#include <stdlib.h>

#include "check.h"
#include "tests.h"

int checks;
int failures;
const char *test_name = "";
int shortened;

static const struct {
    const char *name;
    void (*run)(void);
} TESTS[] = {
#define TEST(name) {#name, name},
#include "tests.def"
#undef TEST
};

int main(int count, char **arguments) {
    size_t i;
    int run = 0;
    const char *only = count > 1 ? arguments[1] : "";
    int own_process;
    /* For runs on slow machines: under valgrind, under wine. */
    shortened = getenv("SUITE_SHORT") != NULL;
    own_process = strcmp(only, "memory_") == 0;
    if (own_process) {
        memory_first();
    }
    for (i = 0; i < sizeof TESTS / sizeof TESTS[0]; i++) {
        int is_memory = strncmp(TESTS[i].name, "memory_", 7) == 0;
        if (strstr(TESTS[i].name, only) == NULL || (is_memory && !own_process)) {
            continue;
        }
        test_name = TESTS[i].name;
        TESTS[i].run();
        run++;
    }
    printf("%d tests, %d checks, %d failed\n", run, checks, failures);
    return failures == 0 && run > 0 ? 0 : 1;
}
