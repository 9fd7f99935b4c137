/* fuzz regex: a pattern of a rule, to the first line end, against the text behind it: matched within its steps, and every group lies in the text. */
#include "data/regex.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct regex *r;
    struct err e;
    size_t group[2 * REGEX_GROUPS_MAX];
    struct str text = str_make((const char *)bytes, n), pattern, flags;
    if (!str_cut(&text, '\n', &pattern) || !str_cut(&text, '\n', &flags)) return 0;
    if (!str_utf8_valid(text) || regex_new(pattern, flags, &r, &e) != 0) return 0;
    int found = regex_exec(r, text, 0, group);
    assert(found == ERR_LIMIT || (found >= 0 && found <= REGEX_GROUPS_MAX));
    for (int i = 0; i < 2 * found; i++) assert(group[i] == SIZE_MAX || group[i] <= text.len);
    regex_free(r);
    return 0;
}
