/* decimal: see decimal.h. The arithmetic is Intel's decimal floating point library in its variant without globals:
 * numbers by value, rounding and status flags as arguments, so that threads never share a mode.
 *
 * Invariants
 *  1. A struct decimal holds a finite number in BID encoding: sign, biased exponent (14 bits), coefficient below 10^34.
 *     A function that would leave the finite numbers returns false and does not touch its result.
 *  2. Sign, exponent and coefficient are read here directly (IEEE 754-2008 section 3.5.2), which makes the frequent
 *     operations on small whole numbers free of library calls. Invariant 1 keeps the rare large-coefficient form
 *     (leading bits 11) out: it only encodes non-canonical zeros and the infinities.
 */
#include "data/decimal.h"

#include <assert.h>
#include <string.h>

#define DECIMAL_CALL_BY_REFERENCE 0
#define DECIMAL_GLOBAL_ROUNDING 0
#define DECIMAL_GLOBAL_EXCEPTION_FLAGS 0
#include <bid_conf.h>
#include <bid_functions.h>

enum { EXPONENT_BIAS = 6176, EXPONENT_LEAST = -6176, EXPONENT_MOST = 6111, DIGITS = 34, PARSE_BYTES_MAX = 480 };
#define SIGN_BIT ((uint64_t)1 << 63)
#define COEFFICIENT_HIGH (((uint64_t)1 << 49) - 1)
#define WHOLE_HIGH ((uint64_t)EXPONENT_BIAS << 49) /* high word of a whole number below 2^64 */

typedef unsigned __int128 u128;

static BID_UINT128 to_bid(struct decimal d) {
    BID_UINT128 b;
    memcpy(&b, &d, sizeof b);
    return b;
}

static bool from_bid(BID_UINT128 b, struct decimal *ret) {
    if (!bid128_isFinite(b)) return false;
    memcpy(ret, &b, sizeof b);
    return true;
}

static bool is_negative(struct decimal d) {
    return (d.w[1] & SIGN_BIT) != 0;
}

static int exponent_of(struct decimal d) {
    return (int)(d.w[1] >> 49 & 0x3fff) - EXPONENT_BIAS;
}

static u128 coefficient_of(struct decimal d) {
    return (u128)(d.w[1] & COEFFICIENT_HIGH) << 64 | d.w[0];
}

/* `coefficient` below 10^34, `exponent` in range. */
static struct decimal make(bool negative, u128 coefficient, int exponent) {
    struct decimal d = { { (uint64_t)coefficient, (uint64_t)(coefficient >> 64) } };
    d.w[1] |= (uint64_t)(exponent + EXPONENT_BIAS) << 49;
    if (negative) d.w[1] |= SIGN_BIT;
    return d;
}

/* A whole number below 2^63 in size, as most numbers of a rule are; its value. */
static bool small_whole(struct decimal d, int64_t *ret) {
    if ((d.w[1] & ~SIGN_BIT) != WHOLE_HIGH || d.w[0] > INT64_MAX) return false;
    *ret = is_negative(d) ? -(int64_t)d.w[0] : (int64_t)d.w[0];
    return true;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Positions of the parts of [+-]digits[.digits][e[+-]digits]; false if `s` is anything else. */
static bool scan(struct str s, size_t *n_digits, bool *has_exponent) {
    size_t i = 0, n = 0;
    if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-')) i++;
    while (i < s.len && is_digit(s.ptr[i])) i++, n++;
    if (n == 0) return false;
    if (i < s.len && s.ptr[i] == '.') {
        size_t from = ++i;
        while (i < s.len && is_digit(s.ptr[i])) i++, n++;
        if (i == from) return false;
    }
    *has_exponent = i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E');
    if (*has_exponent) {
        i++;
        if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-')) i++;
        size_t from = i;
        while (i < s.len && is_digit(s.ptr[i])) i++;
        if (i == from) return false;
    }
    *n_digits = n;
    return i == s.len;
}

bool decimal_parse(struct str s, struct decimal *ret) {
    size_t n;
    bool has_exponent;
    if (s.len > PARSE_BYTES_MAX || !scan(s, &n, &has_exponent)) return false;
    if (n <= DIGITS && !has_exponent) {
        u128 c = 0;
        int exponent = 0;
        bool behind = false;
        for (size_t i = 0; i < s.len; i++) {
            if (s.ptr[i] == '.') behind = true;
            if (!is_digit(s.ptr[i])) continue;
            c = c * 10u + (unsigned)(s.ptr[i] - '0');
            if (behind) exponent--;
        }
        *ret = make(s.ptr[0] == '-', c, exponent);
        return true;
    }
    char text[PARSE_BYTES_MAX + 1];
    memcpy(text, s.ptr, s.len);
    text[s.len] = 0;
    _IDEC_flags flags = 0;
    return from_bid(bid128_from_string(text, BID_ROUNDING_TO_NEAREST, &flags), ret);
}

struct decimal decimal_of_i64(int64_t v) {
    return make(v < 0, v < 0 ? (u128)(0 - (uint64_t)v) : (u128)v, 0);
}

bool decimal_to_i64(struct decimal d, int64_t *ret) {
    if (small_whole(d, ret)) return true;
    u128 c = coefficient_of(d);
    int e = exponent_of(d);
    for (; e < 0 && c % 10 == 0 && c; e++) c /= 10;
    for (; e > 0 && c <= UINT64_MAX && c; e--) c *= 10;
    if (c == 0) {
        *ret = 0;
        return true;
    }
    if (e != 0 || c > (u128)INT64_MAX + (is_negative(d) ? 1 : 0)) return false;
    *ret = is_negative(d) ? (int64_t)(0 - (uint64_t)c) : (int64_t)c;
    return true;
}

void decimal_write(struct buf *b, struct decimal d) {
    char digits[40];
    int n = 0, e = exponent_of(d);
    u128 c = coefficient_of(d);
    do digits[sizeof digits - 1 - (size_t)n++] = (char)('0' + (int)(c % 10)), c /= 10;
    while (c && n < (int)sizeof digits);
    const char *first = digits + sizeof digits - n;
    bool zero = n == 1 && *first == '0';
    if (is_negative(d) && !zero) buf_add_char(b, '-');
    if (zero && e > 0) e = 0;
    if (e >= 0 && n + e <= DIGITS) {
        buf_add(b, str_make(first, (size_t)n));
        for (int i = 0; i < e; i++) buf_add_char(b, '0');
    } else if (e < 0 && n + e > 0) {
        buf_add(b, str_make(first, (size_t)(n + e)));
        buf_add_char(b, '.');
        buf_add(b, str_make(first + n + e, (size_t)-e));
    } else if (e < 0 && -e <= DIGITS) {
        buf_add(b, S("0."));
        for (int i = n; i < -e; i++) buf_add_char(b, '0');
        buf_add(b, str_make(first, (size_t)n));
    } else {
        buf_add(b, str_make(first, 1));
        if (n > 1) {
            buf_add_char(b, '.');
            buf_add(b, str_make(first + 1, (size_t)(n - 1)));
        }
        buf_add_char(b, 'E');
        if (e + n - 1 >= 0) buf_add_char(b, '+');
        buf_add_i64(b, e + n - 1);
    }
}

int decimal_cmp(struct decimal a, struct decimal b) {
    int64_t x, y;
    if (small_whole(a, &x) && small_whole(b, &y)) return x < y ? -1 : x > y;
    _IDEC_flags flags = 0;
    if (bid128_quiet_equal(to_bid(a), to_bid(b), &flags)) return 0;
    return bid128_quiet_less(to_bid(a), to_bid(b), &flags) ? -1 : 1;
}

bool decimal_is_integer(struct decimal d) {
    u128 c = coefficient_of(d);
    int e = exponent_of(d);
    for (; e < 0 && c && c % 10 == 0; e++) c /= 10;
    return e >= 0 || c == 0;
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *ret) {
    int64_t x, y, z;
    if (small_whole(a, &x) && small_whole(b, &y) && !__builtin_add_overflow(x, y, &z)) {
        *ret = decimal_of_i64(z);
        return true;
    }
    _IDEC_flags flags = 0;
    return from_bid(bid128_add(to_bid(a), to_bid(b), BID_ROUNDING_TO_NEAREST, &flags), ret);
}

bool decimal_sub(struct decimal a, struct decimal b, struct decimal *ret) {
    return decimal_add(a, decimal_neg(b), ret);
}

bool decimal_mul(struct decimal a, struct decimal b, struct decimal *ret) {
    int64_t x, y, z;
    if (small_whole(a, &x) && small_whole(b, &y) && !__builtin_mul_overflow(x, y, &z)) {
        *ret = decimal_of_i64(z);
        return true;
    }
    _IDEC_flags flags = 0;
    return from_bid(bid128_mul(to_bid(a), to_bid(b), BID_ROUNDING_TO_NEAREST, &flags), ret);
}

bool decimal_div(struct decimal a, struct decimal b, struct decimal *ret) {
    _IDEC_flags flags = 0;
    return from_bid(bid128_div(to_bid(a), to_bid(b), BID_ROUNDING_TO_NEAREST, &flags), ret);
}

bool decimal_rem(struct decimal a, struct decimal b, struct decimal *ret) {
    int64_t x, y;
    if (small_whole(a, &x) && small_whole(b, &y) && y != 0) {
        *ret = decimal_of_i64(y == -1 ? 0 : x % y);
        return true;
    }
    _IDEC_flags flags = 0;
    return from_bid(bid128_fmod(to_bid(a), to_bid(b), &flags), ret);
}

/* Square and multiply: exact while the result has at most 34 digits, which the library's general power does not
 * promise. */
static bool pow_whole(struct decimal a, uint64_t n, struct decimal *ret) {
    struct decimal r = decimal_of_i64(1);
    for (;;) {
        if ((n & 1) && !decimal_mul(r, a, &r)) return false;
        n >>= 1;
        if (n == 0) break;
        if (!decimal_mul(a, a, &a)) return false;
    }
    *ret = r;
    return true;
}

bool decimal_pow(struct decimal a, struct decimal b, struct decimal *ret) {
    int64_t n;
    if (decimal_to_i64(b, &n) && n >= -999999999 && n <= 999999999) {
        struct decimal r;
        if (n >= 0) return pow_whole(a, (uint64_t)n, ret);
        return pow_whole(a, (uint64_t)-n, &r) && decimal_div(decimal_of_i64(1), r, ret);
    }
    _IDEC_flags flags = 0;
    return from_bid(bid128_pow(to_bid(a), to_bid(b), BID_ROUNDING_TO_NEAREST, &flags), ret);
}

bool decimal_exp(struct decimal a, struct decimal *ret) {
    _IDEC_flags flags = 0;
    return from_bid(bid128_exp(to_bid(a), BID_ROUNDING_TO_NEAREST, &flags), ret);
}

bool decimal_log(struct decimal a, struct decimal *ret) {
    _IDEC_flags flags = 0;
    return from_bid(bid128_log(to_bid(a), BID_ROUNDING_TO_NEAREST, &flags), ret);
}

bool decimal_sqrt(struct decimal a, struct decimal *ret) {
    _IDEC_flags flags = 0;
    return from_bid(bid128_sqrt(to_bid(a), BID_ROUNDING_TO_NEAREST, &flags), ret);
}

/* Zero keeps a positive sign: nothing in rules or money tells two zeros apart. */
struct decimal decimal_neg(struct decimal a) {
    if (coefficient_of(a) == 0) return a;
    a.w[1] ^= SIGN_BIT;
    return a;
}

struct decimal decimal_abs(struct decimal a) {
    a.w[1] &= ~SIGN_BIT;
    return a;
}

static bool quantize(struct decimal a, int exponent, _IDEC_round mode, struct decimal *ret) {
    _IDEC_flags flags = 0;
    return from_bid(bid128_quantize(to_bid(a), to_bid(make(false, 1, exponent)), mode, &flags), ret);
}

bool decimal_round(struct decimal a, int scale, enum decimal_round how, struct decimal *ret) {
    static const _IDEC_round modes[] = { [DECIMAL_HALF_EVEN] = BID_ROUNDING_TO_NEAREST,
        [DECIMAL_HALF_UP] = BID_ROUNDING_TIES_AWAY, [DECIMAL_UP] = BID_ROUNDING_UP,
            [DECIMAL_DOWN] = BID_ROUNDING_TO_ZERO,
        [DECIMAL_FLOOR] = BID_ROUNDING_DOWN, [DECIMAL_CEILING] = BID_ROUNDING_UP,
            [DECIMAL_HALF_DOWN] = BID_ROUNDING_TO_ZERO };
    assert((unsigned)how < sizeof modes / sizeof *modes);
    if (scale < -EXPONENT_MOST || scale > -EXPONENT_LEAST) return false;
    if (exponent_of(a) >= -scale) {
        /* Nothing to round: only the digits shown may change, and where they do not fit the number stays as it is. */
        if (!quantize(a, -scale, BID_ROUNDING_TO_NEAREST, ret)) *ret = a;
        return true;
    }
    _IDEC_round mode = modes[how];
    if (how == DECIMAL_UP && is_negative(a)) mode = BID_ROUNDING_DOWN;
    struct decimal r;
    if (!quantize(a, -scale, mode, &r)) return false;
    if (how == DECIMAL_HALF_DOWN) {
        struct decimal rest;
        if (!decimal_sub(decimal_abs(a), decimal_abs(r), &rest)) return false;
        /* The half unit lies one exponent lower; below the least exponent there was nothing to round. */
        if (decimal_cmp(rest, make(false, 5, -scale - 1)) > 0 &&
            !quantize(a, -scale, is_negative(a) ? BID_ROUNDING_DOWN : BID_ROUNDING_UP, &r)) return false;
    }
    if (coefficient_of(r) == 0) r.w[1] &= ~SIGN_BIT;
    *ret = r;
    return true;
}
