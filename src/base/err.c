/* err: see err.h. Invariant: field and detail are always NUL-terminated valid prefixes of what was given. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *name;
    enum err_kind kind;
    int status;
    struct str text;
};

static const struct row rows[] = {
    [0] = { "ERR_OK", ERR_KIND_CALLER, 200, S_INIT("") },
#define ERR_ROW(name, kind, status, text) [name##_INDEX] = { #name, ERR_KIND_##kind, status, S_INIT(text) },
#include "base/err_codes.h"
#undef ERR_ROW
};

static const struct row *row_of(int code) {
    return code <= 0 && -code < ERR_INDEX_END ? &rows[-code] : &rows[ERR_DEFECT_INDEX];
}

__attribute__((format(printf, 5, 0)))
static int set(struct err *e, int code, struct str field, uint32_t line, const char *format, va_list args) {
    if (!e) return code;
    *e = (struct err){ .code = code, .line = line };
    if (field.len >= sizeof e->field) field = str_utf8_whole(str_sub(field, 0, sizeof e->field - 1));
    if (field.len) memcpy(e->field, field.ptr, field.len);
    if (format) {
        int len = vsnprintf(e->detail, sizeof e->detail, format, args);
        if (len >= (int)sizeof e->detail) e->detail[str_utf8_whole(str_of(e->detail)).len] = 0;
    }
    return code;
}

int (err_set)(struct err *e, int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)set(e, code, S(""), 0, format, args);
    va_end(args);
    return code;
}

int (err_field)(struct err *e, int code, struct str field, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)set(e, code, field, 0, format, args);
    va_end(args);
    return code;
}

int (err_line)(struct err *e, int code, struct str file, uint32_t line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)set(e, code, file, line, format, args);
    va_end(args);
    return code;
}

void err_clear(struct err *e) {
    if (e) *e = (struct err){ 0 };
}

const char *err_name(int code) {
    return row_of(code)->name;
}

enum err_kind err_kind(int code) {
    return row_of(code)->kind;
}

int err_status(int code) {
    return row_of(code)->status;
}

struct str err_text(int code) {
    return row_of(code)->text;
}
