/* err: what went wrong, for a program (code) and for a person (field and detail). Functions that can fail return int: 0 or a
 * negative code of the table, and fill `struct err` last. Libraries never log; the boundary that swallows an error does.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/str.h"

enum err_kind { ERR_KIND_CALLER, ERR_KIND_WORLD, ERR_KIND_OURS };

/* Codes are negative: ERR_OK is 0, the first row is -1. */
enum err_index {
    ERR_INDEX_NONE = 0,
#define ERR_ROW(name, kind, status, text) name##_INDEX,
#include "base/err_codes.h"
#undef ERR_ROW
    ERR_INDEX_END
};
enum err_code {
    ERR_OK = 0,
#define ERR_ROW(name, kind, status, text) name = -name##_INDEX,
#include "base/err_codes.h"
#undef ERR_ROW
};

enum { ERR_DETAIL_BYTES = 240, ERR_FIELD_BYTES = 64 };

/* Holds copies, so that it outlives the arena of what failed. */
struct err {
    int code;
    uint32_t line; /* 1-based line in an input file, or 0 */
    char field[ERR_FIELD_BYTES];   /* input name, JSON path or file path; NUL-terminated, may be empty */
    char detail[ERR_DETAIL_BYTES]; /* fills {detail}; NUL-terminated UTF-8, cut at a character */
};

/* Sets and returns `code`. `e` may be NULL. */
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
int err_field(struct err *e, int code, struct str field, const char *format, ...) __attribute__((format(printf, 4, 5)));
int err_line(struct err *e, int code, struct str file, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void err_clear(struct err *e);
/* What is returned is the code that was given: said here so that the compiler sees, across files, that a failure is not 0
 * (-fanalyzer would take what a failed call left unset for used). */
#define ERR_GIVES(code, call)             \
    ({                                    \
        const int err_code_ = (code);     \
        (void)(call);                     \
        err_code_;                        \
    })
#define err_set(e, code, ...) ERR_GIVES(code, (err_set)((e), err_code_, __VA_ARGS__))
#define err_field(e, code, field, ...) ERR_GIVES(code, (err_field)((e), err_code_, (field), __VA_ARGS__))
#define err_line(e, code, file, line, ...) ERR_GIVES(code, (err_line)((e), err_code_, (file), (line), __VA_ARGS__))

const char *err_name(int code);   /* "ERR_INPUT"; "ERR_OK" for 0 */
enum err_kind err_kind(int code);
int err_status(int code);         /* HTTP status; 200 for 0 */
struct str err_text(int code);    /* the Chinese sentence, with {detail} unfilled */

#endif
