/* fuzz csv: each field of an accepted record, written and read again, is the same field. */
#include "data/csv.h"
#include "data/write.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(struct arena *a, const struct str *f, size_t n) {
    struct buf b;
    struct csv c;
    struct str *g;
    size_t m;
    uint32_t line;
    buf_init(&b, a, 256, 16 << 20);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&b);
        buf_add(&b, S("x,"));
        write_csv_field(&b, f[i]);
        csv_init(&c, a, buf_str(&b));
        bool guarded = f[i].len && (f[i].ptr[0] == '=' || f[i].ptr[0] == '+' || f[i].ptr[0] == '-' ||
                                    f[i].ptr[0] == '@' || f[i].ptr[0] == '\t' || f[i].ptr[0] == '\r');
        int r = csv_next(&c, &g, &m, &line, NULL);
        if (r == ERR_LIMIT && f[i].len > CSV_FIELD_BYTES_MAX / 2) continue;
        if (r != 1 || m != 2 || !str_eq(str_sub(g[1], guarded, SIZE_MAX), f[i])) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct csv c;
    struct str *f;
    size_t n;
    uint32_t line;
    struct val *v = NULL;
    arena_init(&a, "fuzz", 64 << 20);
    struct str text = str_make((const char *)data, size);
    csv_init(&c, &a, text);
    while (csv_next(&c, &f, &n, &line, NULL) == 1) again(&a, f, n);
    int r = csv_table(&a, text, &v, NULL);
    if (r < 0 && v) abort();
    arena_done(&a);
    return 0;
}
