/* decimal: IEEE 754-2008 decimal128 (libintelrdfpmath), 34 digits, round half even unless said otherwise. A value
 * type. */
#ifndef DATA_DECIMAL_H
#define DATA_DECIMAL_H
#include "base/buf.h"
struct decimal {
    uint64_t w[2];
};
enum decimal_round { DECIMAL_HALF_EVEN, DECIMAL_HALF_UP, DECIMAL_UP, DECIMAL_DOWN, DECIMAL_FLOOR, DECIMAL_CEILING,
    DECIMAL_HALF_DOWN };
bool decimal_parse(struct str s, struct decimal *ret); /* [+-]digits[.digits][e[+-]digits], whole of s; finite only */
struct decimal decimal_of_i64(int64_t v);
bool decimal_to_i64(struct decimal d, int64_t *ret);   /* exact whole numbers only */
/* plain notation where at most 34 digits, else scientific; no trailing zeros lost */
void decimal_write(struct buf *b, struct decimal d);
int decimal_cmp(struct decimal a, struct decimal b);
bool decimal_is_integer(struct decimal d);
/* Each false when the result is not finite (overflow, division by zero, domain). */
bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_sub(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_mul(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_div(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_rem(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_pow(struct decimal a, struct decimal b, struct decimal *ret);
bool decimal_exp(struct decimal a, struct decimal *ret);
bool decimal_log(struct decimal a, struct decimal *ret); /* natural */
bool decimal_sqrt(struct decimal a, struct decimal *ret);
struct decimal decimal_neg(struct decimal a);
struct decimal decimal_abs(struct decimal a);
/* To `scale` digits behind the point (-6111..6176). */
bool decimal_round(struct decimal a, int scale, enum decimal_round how, struct decimal *ret);
#endif
