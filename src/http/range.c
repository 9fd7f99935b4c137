/* range: see range.h. Invariant: offset + length <= size, without overflow. A field that does not follow the grammar is
 * ignored. */
#include "http/range.h"

enum http_range http_range(struct str value, uint64_t size, uint64_t *offset, uint64_t *length) {
    value = str_trim(value);
    size_t equals = str_find_char(value, '=', 0);
    if (equals == SIZE_MAX || !str_eq_nocase(str_sub(value, 0, equals), S("bytes"))) return HTTP_RANGE_WHOLE;
    struct str spec = str_trim(str_sub(value, equals + 1, value.len));
    size_t dash = str_find_char(spec, '-', 0);
    if (dash == SIZE_MAX || str_find_char(spec, ',', 0) != SIZE_MAX) return HTTP_RANGE_WHOLE;
    struct str first = str_sub(spec, 0, dash), last = str_sub(spec, dash + 1, spec.len);
    uint64_t from = 0, to = 0;
    if (first.len == 0) { /* the last `to` bytes */
        if (!str_to_u64(last, &to)) return HTTP_RANGE_WHOLE;
        if (to == 0 || size == 0) return HTTP_RANGE_OUTSIDE;
        *length = to < size ? to : size;
        *offset = size - *length;
        return HTTP_RANGE_PART;
    }
    if (!str_to_u64(first, &from)) return HTTP_RANGE_WHOLE;
    if (last.len && (!str_to_u64(last, &to) || to < from)) return HTTP_RANGE_WHOLE;
    if (from >= size) return HTTP_RANGE_OUTSIDE;
    *offset = from;
    *length = !last.len || to >= size ? size - from : to - from + 1;
    return HTTP_RANGE_PART;
}
