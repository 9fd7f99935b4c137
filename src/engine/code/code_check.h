/* code_check: identifiers that people and registries write, and whether they can be right. Pure functions: no
 * registry is asked, so "right" means shape, date and check character, not existence.
 *
 *   citizen-id             GB 11643-1999, check by ISO 7064 MOD 11-2; 18 places
 *   uscc                   GB 32100-2015 unified social credit code, 18 places, base 31
 *   org-code               GB 11714-1997, 8 + 1 places
 *   business-registration  GS 15-2006, 15 digits, ISO 7064 MOD 11,10
 *   division               the statistics bureau's division code: 6, 9 or 12 digits
 *   mobile                 mainland mobile number, 11 digits
 *   post-code              6 digits
 *   date                   a day of the calendar, as data/tz.h civil_parse reads it
 *   person-name            2 to 50 characters: Chinese, Latin, the middle dot, single blanks inside
 * First-generation identifiers of 15 digits are converted by code_citizen_id_18; the identifier of an
 * electronic licence is engine/paper/licence_id.h.
 */
#ifndef ENGINE_CODE_CHECK_H
#define ENGINE_CODE_CHECK_H

#include "base/arena.h"
#include "base/err.h"
#include "data/tz.h"

enum code_sex { CODE_SEX_MALE = 1, CODE_SEX_FEMALE = 2 }; /* GB/T 2261.1 */

struct code_citizen {
    char division[6];
    struct civil_date birth;
    enum code_sex sex;
};

/* What a person typed as the registries write it: full-width forms made half-width, blanks and hyphens
 * dropped, letters in capitals. Not for names and dates. In `a`. */
struct str code_clean(struct arena *a, struct str typed);

/* Each: 0, ERR_FORMAT (shape; detail says the right one), ERR_RANGE (no such day), ERR_CHECK_DIGIT. `s` is
 * clean. `ret` may be NULL. */
int code_citizen_id(struct str s, struct code_citizen *ret, struct err *e);
int code_uscc(struct str s, struct err *e);
int code_org(struct str s, struct err *e);
int code_business_registration(struct str s, struct err *e);
int code_division(struct str s, struct err *e);
int code_mobile(struct str s, struct err *e);
int code_post_code(struct str s, struct err *e);
int code_person_name(struct str s, struct err *e);

/* By the word of the list above, as record types and forms name it. ERR_DEFECT for an unknown word: ask
 * code_check_known when the declaration is checked. */
bool code_check_known(struct str word);
int code_check(struct str word, struct str value, struct err *e);

/* The check character for what stands before it; 0 if that is malformed. 17, 17, 8 and 14 characters. */
char code_citizen_id_char(struct str first17);
char code_uscc_char(struct str first17);
char code_org_char(struct str first8);
char code_business_registration_char(struct str first14);
/* 15 digits of the first generation (born 19xx) to 18. ERR_FORMAT, ERR_RANGE. */
int code_citizen_id_18(struct str s15, char ret[18], struct err *e);

/* Masking for display: what a stranger may see. In `a`.
 *   person-name   first character, a star for each other: 张*, 欧** (common practice)
 *   citizen-id    first and last place: 1****************2, the practice of the national government service
 *   platform
 *   mobile        first three and last four: 138****1234
 *   address       every digit a star
 *   other words   first and last place, as citizen-id */
struct str code_mask(struct arena *a, struct str word, struct str value);

#endif
