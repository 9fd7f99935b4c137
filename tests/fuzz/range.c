/* fuzz range: the first 8 bytes are a size, the rest a Range field; a part lies within the size. */
#include "http/range.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    uint64_t size, offset = 0, length = 0;
    if (n < sizeof size) return 0;
    memcpy(&size, bytes, sizeof size);
    enum http_range how =
        http_range(str_make((const char *)bytes + sizeof size, n - sizeof size), size, &offset, &length);
    if (how == HTTP_RANGE_PART) assert(length > 0 && offset < size && length <= size - offset);
    return 0;
}
