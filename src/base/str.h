/* str: text as (pointer, length). Nothing here ends in NUL and nothing here owns memory: a `struct str` borrows bytes that
 * live in an arena, a constant or a request. Bytes are UTF-8 unless a function says otherwise; an empty str may have a NULL
 * pointer. No function allocates.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

/* A str of a string literal. */
#define S(literal) ((struct str){ ("" literal), sizeof(literal) - 1 })
/* The same as a constant initialiser, for tables. */
#define S_INIT(literal) { ("" literal), sizeof(literal) - 1 }
/* For printf: "%.*s", STR_ARG(s). */
#define STR_ARG(s) (int)(s).len, ((s).ptr ? (s).ptr : "")

/* Borrows a NUL-terminated string; NULL gives the empty str. */
struct str str_of(const char *cstr);
/* Borrows `len` bytes. */
struct str str_make(const char *ptr, size_t len);

static inline bool str_eq(struct str a, struct str b) { /* here, because most pairs differ in length and a call would cost more */
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
/* ASCII letters compared without case, as HTTP field names and media types want it (RFC 9110 section 5.1). */
bool str_eq_nocase(struct str a, struct str b);
/* Takes as long for unequal texts as for equal ones of the same length: for tokens and MACs. */
bool str_eq_secret(struct str a, struct str b);
/* memcmp order, a shorter prefix first: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* First position of `needle` in `s` at or after `from`, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle, size_t from);
size_t str_find_char(struct str s, char c, size_t from);
/* Bytes from..from+len, clipped to `s`. */
struct str str_sub(struct str s, size_t from, size_t len);
struct str str_trim(struct str s); /* ASCII blanks off both ends */

/* Cuts at the first `sep`: `*head` is before it, `*s` after it. Returns false once `s` is used up; the last piece has no
 * separator behind it. `while (str_cut(&rest, ',', &piece))` visits every piece, also empty ones between separators. */
bool str_cut(struct str *s, char sep, struct str *head);

/* Whole of `s` as a decimal number, sign allowed for the signed form; false on anything else or on overflow. */
bool str_to_i64(struct str s, int64_t *ret);
bool str_to_u64(struct str s, uint64_t *ret);
/* Whole of `s` as lower or upper hex without prefix, at most 16 digits. */
bool str_hex_to_u64(struct str s, uint64_t *ret);
/* Hex text to bytes; false unless `s` is exactly 2 * len hex digits. */
bool str_hex_to_bytes(struct str s, void *bytes, size_t len);

/* Decodes one code point at `*at` and moves on; -1 and one byte on malformed UTF-8 (overlong, surrogate, above U+10FFFF). */
int32_t str_utf8_next(struct str s, size_t *at);
bool str_utf8_valid(struct str s);
/* `s` without the character that its end cuts through: for texts that were cut at a number of bytes. */
struct str str_utf8_whole(struct str s);
/* Number of code points; malformed bytes count one each. */
size_t str_utf8_count(struct str s);

uint64_t str_hash(struct str s); /* FNV-1a: for tables of our own keys, never for keys an attacker picks */

#endif
