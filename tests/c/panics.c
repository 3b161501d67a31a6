/* A defect in the library: it ends that client and nobody else. Only with the library that has hooks for it. */
#include "check.h"
#include "tests.h"
#include "world.h"

#ifdef HOOKED
int32_t playerlink_test_panic(playerlink_client client, uint32_t place);
uint32_t playerlink_test_generations(void);

void panics_end_one_client_and_not_the_others(void) {
    uint32_t place;
    for (place = 0; place < 2; place++) {
        world *w = world_make(), *other = world_make();
        op *o = login(w);
        w->silent = 1;
        CHECK_IS(tick(w, 1), PLAYERLINK_OK);
        CHECK_IS(playerlink_test_panic(w->client, place), place == 0 ? PLAYERLINK_E_INTERNAL : PLAYERLINK_OK);
        CHECK_IS(tick(w, 1), PLAYERLINK_E_INTERNAL);
        CHECK_IS(tick(w, 1), PLAYERLINK_E_INTERNAL);
        CHECK_IS(playerlink_client_notify(w->client, PLAYERLINK_NOTIFY_RESUMED), PLAYERLINK_E_INTERNAL);
        signed_in(other);
        /* Destroy still completes what was under way. */
        CHECK_IS(destroy(w), PLAYERLINK_OK);
        CHECK_IS(o->completions, 1);
        CHECK((int)o->result < 0);
        world_end(w);
        world_end(other);
    }
}

void panics_and_generations_that_are_used_up(void) {
    CHECK_IS(playerlink_test_generations(), 1);
}
#else
void panics_end_one_client_and_not_the_others(void) {}
void panics_and_generations_that_are_used_up(void) {}
#endif
