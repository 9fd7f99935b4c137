/* fuzz secrets: any bytes as the courier's file of secrets. It is refused at a line, or what is asked of it is what its lines say, and a
 * password goes whole into a C string. */
#include "proc/courier/role.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct err e = { 0 };
    struct str text = str_make((const char *)bytes, n), rest = text, line, name;
    int rc = courier_secrets_check(text, &e);
    assert(rc == 0 || (rc == ERR_FORMAT && e.line));
    while (rc == 0 && str_cut(&rest, '\n', &line)) {
        line = str_trim(line);
        if (!line.len || line.ptr[0] == '#') continue;
        (void)str_cut(&line, '=', &name);
        struct str value = courier_secret(text, str_trim(name));
        assert(value.len && str_eq(value, str_trim(line)) && str_utf8_valid(value) && !memchr(value.ptr, 0, value.len));
    }
    return 0;
}
