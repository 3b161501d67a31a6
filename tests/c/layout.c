/* The compiler agrees with the layout table that is committed. */
#include "layout.g.h"

#include <playerlink/codes.h>

#include "check.h"
#include "tests.h"

void layout_of_every_struct_is_the_table_s(void) {
    /* It compiled. */
    CHECK(PLAYERLINK_SERVICE_CODE_XSOLLA_003_061 > 0);
    CHECK(sizeof(playerlink_result) == 4);
    CHECK(PLAYERLINK_NUL_TERMINATED == (size_t)-1);
}
