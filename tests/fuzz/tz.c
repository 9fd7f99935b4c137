/* Fuzz target: a zone file from anywhere; whatever is accepted must answer for any instant and come back from
 * civil time. */
#include "data/tz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct tz *tz;
    struct err e;
    struct civil_date d;
    arena_init(&a, "fuzz", 1 << 20);
    (void)civil_parse(str_make((const char *)data, size), &d);
    if (size > 8 && tz_parse(&a, str_make((const char *)data + 8, size - 8), &tz, &e) == 0) {
        int64_t ms;
        memcpy(&ms, data, sizeof ms);
        ms %= 4000000000000000;
        struct civil_time t;
        tz_split(tz, ms, &t);
        (void)tz_instant_ms(tz, &t);
    }
    arena_done(&a);
    return 0;
}
