/* log: one line per event on standard error: `time level component request-id event key=value ...`.
 *
 * Invariants
 *  1. A line is one write of at most LOG_LINE_BYTES, ends in LF and holds no other control byte: CR, LF, ESC, U+2028 and their
 *     like are escaped, so that input can never forge a line or steer a terminal.
 *  2. Fields are text, numbers or errors. Types that hold personal data have no constructor here, and get none.
 *  3. A line that is too long is cut at a field or a character, and ends in " cut".
 * Libraries never log: the boundary that swallows an error does (who answers a request, ends a job, restarts a process).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum { LOG_LINE_BYTES = 1024, LOG_VALUE_BYTES = 240 };
enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

/* Made by the three macros below; key is ours, value is borrowed for the call. */
struct log_field {
    const char *key;
    struct str text;
    int64_t number;
    bool is_number;
};
#define LOG_TEXT(key, value) ((struct log_field){ (key), (value), 0, false })
#define LOG_INT(key, value) ((struct log_field){ (key), { NULL, 0 }, (int64_t)(value), true })
#define LOG_CODE(code) LOG_TEXT("error", str_of(err_name(code)))
/* Three fields of an error: its name, where, why. */
#define LOG_ERR(e) LOG_CODE((e)->code), LOG_TEXT("field", str_of((e)->field)), LOG_TEXT("detail", str_of((e)->detail))

/* The line into `out` (at least LOG_LINE_BYTES), with its LF and without a NUL; returns its length. `request` may be empty. */
size_t log_line(char *out, int64_t now_ms, enum log_level level, const char *component,
                struct str request, const char *event, const struct log_field *field, size_t n);
/* The same, to standard error. */
void log_write(int64_t now_ms, enum log_level level, const char *component, struct str request, const char *event,
               const struct log_field *field, size_t n);
/* LOG(LOG_WARN, "http", request_id, "upload refused", LOG_INT("bytes", n), LOG_ERR(&e)): needs os/os.h and one field or more. */
#define LOG(level, component, request, event, ...) \
    log_write(os_now_ms(), (level), (component), (request), (event), (const struct log_field[]){ __VA_ARGS__ }, \
              sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

#endif
