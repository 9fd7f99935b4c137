/* licence_id: the identifier of an electronic licence (GB/T 36904-2018):
 *   1.2.156.3005.2. TYPE . ISSUER . SERIAL . VERSION . CHECK
 * TYPE is the defining authority's credit code and three digits (21), ISSUER the issuer's credit code (18),
 * SERIAL up to 20 digits and capitals, VERSION three digits from 001, CHECK by ISO 7064 MOD 37,36 over the
 * four parts without their dots.
 */
#ifndef ENGINE_PAPER_LICENCE_ID_H
#define ENGINE_PAPER_LICENCE_ID_H

#include "base/arena.h"
#include "base/err.h"

struct licence_id {
    struct str type, issuer, serial;
    unsigned version; /* 1..999 */
};

/* ISO 7064 MOD 37,36: the check character of digits and capitals; 0 if there is any other character. */
char licence_id_char(struct str s);
/* In `a`. ERR_FORMAT with the part that is wrong. */
int licence_id_write(struct arena *a, const struct licence_id *id, struct str *ret, struct err *e);
/* Parts are borrowed from `s`. ERR_FORMAT, ERR_CHECK_DIGIT. */
int licence_id_parse(struct str s, struct licence_id *ret, struct err *e);

#endif
