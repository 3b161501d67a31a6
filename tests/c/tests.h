#ifndef TESTS_H
#define TESTS_H

#define TEST(name) void name(void);
#include "tests.def"
#undef TEST

/* Gives the library its memory; must be the first call of a process. */
void memory_first(void);

#endif
