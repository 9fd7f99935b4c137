/* log: see log.h. Invariant: `len` never passes LOG_LINE_BYTES less the tail, which is kept free for " cut" and LF. */
#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TAIL_BYTES = 5 };

struct line {
    char *out;
    size_t len;
    bool cut;
};

/* All of it or none, so that no character and no escape is halved. */
static void put(struct line *l, const char *bytes, size_t n) {
    if (l->cut || n > LOG_LINE_BYTES - TAIL_BYTES - l->len) {
        l->cut = true;
        return;
    }
    memcpy(l->out + l->len, bytes, n);
    l->len += n;
}

/* What could end the line, colour a terminal, or turn the direction of text (C0, DEL, C1, line and bidi controls, BOM). */
static bool is_control(int32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static void put_value(struct line *l, struct str v) {
    bool quote = v.len == 0;
    size_t shown = v.len < LOG_VALUE_BYTES ? v.len : LOG_VALUE_BYTES;
    for (size_t i = 0; i < shown; i++) quote |= v.ptr[i] == ' ' || v.ptr[i] == '=' || v.ptr[i] == '"';
    if (quote) put(l, "\"", 1);
    size_t at = 0;
    while (at < shown) {
        char escape[12];
        size_t start = at;
        int32_t c = str_utf8_next(v, &at);
        if (c < 0) {
            int n = snprintf(escape, sizeof escape, "\\x%02x", (unsigned char)v.ptr[start]);
            put(l, escape, (size_t)n);
        } else if (is_control(c)) {
            int n = snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
            put(l, escape, (size_t)n);
        } else {
            if (c == '"' || c == '\\') put(l, "\\", 1);
            put(l, v.ptr + start, at - start);
        }
    }
    if (at < v.len) put(l, "...", 3);
    if (quote) put(l, "\"", 1);
}

static void put_head(struct line *l, int64_t now_ms, enum log_level level, const char *component, struct str request,
                     const char *event) {
    static const char *const names[] = { "info", "warn", "error" };
    char head[64];
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm t = { 0 };
    (void)gmtime_r(&seconds, &t);
    int n = snprintf(head, sizeof head, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s ", t.tm_year + 1900,
                     t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int)(now_ms % 1000),
                     names[level]);
    put(l, head, (size_t)n < sizeof head ? (size_t)n : sizeof head - 1);
    put(l, component, strlen(component));
    put(l, " ", 1);
    if (request.len) put_value(l, request);
    else put(l, "-", 1);
    put(l, " ", 1);
    put_value(l, str_of(event));
}

size_t log_line(char *out, int64_t now_ms, enum log_level level, const char *component, struct str request, const char *event,
                const struct log_field *field, size_t n) {
    struct line l = { .out = out };
    put_head(&l, now_ms, level, component, request, event);
    for (size_t i = 0; i < n; i++) {
        if (!field[i].is_number && field[i].text.len == 0) continue;
        put(&l, " ", 1);
        put(&l, field[i].key, strlen(field[i].key));
        put(&l, "=", 1);
        if (field[i].is_number) {
            char digits[24];
            int len = snprintf(digits, sizeof digits, "%lld", (long long)field[i].number);
            put(&l, digits, (size_t)len);
        } else {
            put_value(&l, field[i].text);
        }
    }
    if (l.cut) {
        memcpy(out + l.len, " cut", 4);
        l.len += 4;
    }
    out[l.len++] = '\n';
    return l.len;
}

void log_write(int64_t now_ms, enum log_level level, const char *component, struct str request, const char *event,
               const struct log_field *field, size_t n) {
    char out[LOG_LINE_BYTES];
    size_t len = log_line(out, now_ms, level, component, request, event, field, n);
    (void)fwrite(out, 1, len, stderr); /* unbuffered: one write; nobody is left to tell if it fails */
}
