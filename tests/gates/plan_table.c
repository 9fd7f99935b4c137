/* plan_table: what may be read whole, and why.
 *
 * TO ADD A ROW: 1. try an index first: `gate-plan all` prints every plan. 2. say what bounds the rows that are read. */
#include "plan.h"

#include <string.h>

static const char *const coarse[] = { "list", "state", "collection", "kind", "topic", "current", "standing" };

static const struct {
    const char *table, *why;
} small[] = {
    { "audit_pending", "what the sequencer has not numbered yet: it looks four times a second" },
    { "audit_tree", "one row for each home" },
    { "define_table", "one row for each record type" },
    { "identity_unit", "one row for each unit of the administration" },
    { "realm_epoch", "16 rows for each kind of change that nodes follow" },
    { "release_system", "one row for each release of a system" },
};

static struct {
    const char *name, *why;
    bool used;
} exceptions[] = {
    { "audit_head_newest", "the first row of its key, backwards", false },
    { "identity_account_role", "sorts who holds one role: officers, not citizens", false },
    { "identity_account_role_back", "the same, backwards", false },
    { "identity_account_unit", "sorts who works in one unit", false },
    { "identity_account_unit_back", "the same, backwards", false },
    { "identity_demo_list", "asked only where init --demo made the city", false },
    { "identity_post_holders", "sorts who holds one role in one unit", false },
    { "identity_staff_at", "sorts who holds one role in one unit", false },
    { "identity_posts_account", "sorts the posts of one account", false },
    { "identity_posts_account_back", "the same, backwards", false },
    { "identity_posts_account_count", "the same, counted", false },
    { "identity_posts_all_count", "stops at SCOPE_COUNT_MAX rows", false },
    { "item_presence_list", "sorts who has one task open at this moment", false },
    { "release_page_system", "sorts the releases of the administration, a row for each", false },
    { "release_page_system_back", "the same, backwards", false },
};

bool plan_coarse(struct str column) {
    for (size_t i = 0; i < sizeof coarse / sizeof *coarse; i++)
        if (str_eq(column, str_of(coarse[i]))) return true;
    return false;
}

const char *plan_coarse_at(size_t i) {
    return i < sizeof coarse / sizeof *coarse ? coarse[i] : NULL;
}

bool plan_short(struct str table) {
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (str_eq(table, str_of(small[i].table))) return true;
    return false;
}

bool plan_excused(const char *name) {
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (strcmp(name, exceptions[i].name) == 0) return exceptions[i].used = true;
    return false;
}

const char *plan_idle(size_t i) {
    for (size_t k = 0; k < sizeof exceptions / sizeof *exceptions; k++)
        if (!exceptions[k].used && i-- == 0) return exceptions[k].name;
    return NULL;
}
