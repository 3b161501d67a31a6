/* Checks that count and say where they failed; a test goes on after one. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <string.h>

extern int checks;
extern int failures;
extern const char *test_name;
/* Fewer rounds: the run is under valgrind or wine. */
extern int shortened;

#define CHECK(condition)                                                                          \
    do {                                                                                          \
        checks++;                                                                                 \
        if (!(condition)) {                                                                       \
            failures++;                                                                           \
            fprintf(stderr, "%s: %s:%d: %s\n", test_name, __FILE__, __LINE__, #condition);        \
        }                                                                                         \
    } while (0)

#define CHECK_IS(actual, expected)                                                                \
    do {                                                                                          \
        long long is_ = (long long)(actual), want_ = (long long)(expected);                       \
        checks++;                                                                                 \
        if (is_ != want_) {                                                                       \
            failures++;                                                                           \
            fprintf(stderr, "%s: %s:%d: %s is %lld, expected %s (%lld)\n", test_name, __FILE__,   \
                    __LINE__, #actual, is_, #expected, want_);                                    \
        }                                                                                         \
    } while (0)

#define CHECK_TEXT(actual, expected)                                                              \
    do {                                                                                          \
        const char *is_ = (actual), *want_ = (expected);                                          \
        checks++;                                                                                 \
        if (strcmp(is_, want_) != 0) {                                                            \
            failures++;                                                                           \
            fprintf(stderr, "%s: %s:%d: %s is `%s`, expected `%s`\n", test_name, __FILE__,        \
                    __LINE__, #actual, is_, want_);                                               \
        }                                                                                         \
    } while (0)

#endif
