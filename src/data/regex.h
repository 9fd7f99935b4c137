/* regex: patterns as XPath and XML Schema write them, on PCRE2 with UTF-8 and Unicode classes. Bounded: a pattern
 * of at most 4,096 bytes, a fixed number of steps per match; look-around, recursion and callouts are refused, as
 * XPath has none.
 */
#ifndef DATA_REGEX_H
#define DATA_REGEX_H
#include "base/arena.h"
#include "base/err.h"

enum { REGEX_GROUPS_MAX = 32 };
struct regex;
/* Flags: any of s m i x (XPath and XQuery Functions section 5.6.2), q (literal). Heap memory: regex_free.
 * ERR_SYNTAX, ERR_LIMIT. */
int regex_new(struct str pattern, struct str flags, struct regex **ret, struct err *e);
void regex_free(struct regex *r); /* accepts NULL */
/* The first match at or after byte `from`: group[2k], group[2k+1] are the ends of group k, SIZE_MAX where it took
 * no part. The number of groups with group 0, 0 if there is no match, or ERR_LIMIT. */
int regex_exec(const struct regex *r, struct str subject, size_t from, size_t group[2 * REGEX_GROUPS_MAX]);
#endif
