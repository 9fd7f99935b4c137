/* rule_words_range: relations of points and ranges (DMN 1.5 section 10.3.4.9, table 78). A point is the range from
 * itself to itself; each word is written once for two ranges, and its converse by exchanging them.
 */
#include "engine/rule/rule_in.h"

struct side {
    struct value low, high;
    bool low_in, high_in, point;
};

static bool side_of(struct value v, struct side *s) {
    if (v.kind == V_NULL) return false;
    if (v.kind != V_RANGE) {
        *s = (struct side){ v, v, true, true, true };
        return true;
    }
    const struct range *r = v.u.range;
    *s = (struct side){ r->low, r->high, r->low_closed, r->high_closed, false };
    return !r->no_low && !r->no_high;
}

/* Orders of the four pairs of ends that the words use. */
struct pair {
    struct side a, b;
    int ll, lh, hl, hh; /* a.low:b.low, a.low:b.high, a.high:b.low, a.high:b.high */
};

static bool compare(struct run *run, const struct value *arg, bool exchange, struct pair *p) {
    if (!side_of(arg[exchange ? 1 : 0], &p->a) || !side_of(arg[exchange ? 0 : 1], &p->b)) return false;
    return rule_value_order(run, p->a.low, p->b.low, &p->ll) && rule_value_order(run, p->a.low, p->b.high, &p->lh) &&
           rule_value_order(run, p->a.high, p->b.low, &p->hl) && rule_value_order(run, p->a.high, p->b.high, &p->hh);
}

static struct value before(struct run *run, const struct value *arg, bool exchange) {
    struct pair p;
    if (!compare(run, arg, exchange, &p)) return NULL_VALUE;
    return rule_value_bool(p.hl < 0 || (p.hl == 0 && !(p.a.high_in && p.b.low_in)));
}

static struct value w_before(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return before(run, a, false);
}

static struct value w_after(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return before(run, a, true);
}

static struct value meets(struct run *run, const struct value *arg, bool exchange) {
    struct pair p;
    if (arg[0].kind != V_RANGE || arg[1].kind != V_RANGE || !compare(run, arg, exchange, &p)) return NULL_VALUE;
    return rule_value_bool(p.hl == 0 && p.a.high_in && p.b.low_in);
}

static struct value w_meets(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return meets(run, a, false);
}

static struct value w_met_by(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return meets(run, a, true);
}

static struct value w_overlaps(struct run *run, const struct value *a, size_t n, int form) {
    struct pair p;
    (void)n, (void)form;
    if (a[0].kind != V_RANGE || a[1].kind != V_RANGE || !compare(run, a, false, &p)) return NULL_VALUE;
    return rule_value_bool((p.hl > 0 || (p.hl == 0 && p.a.high_in && p.b.low_in)) &&
                      (p.lh < 0 || (p.lh == 0 && p.a.low_in && p.b.high_in)));
}

static struct value overlaps_before(struct run *run, const struct value *arg, bool exchange) {
    struct pair p;
    if (arg[0].kind != V_RANGE || arg[1].kind != V_RANGE || !compare(run, arg, exchange, &p)) return NULL_VALUE;
    return rule_value_bool((p.ll < 0 || (p.ll == 0 && p.a.low_in && !p.b.low_in)) &&
                      (p.hl > 0 || (p.hl == 0 && p.a.high_in && p.b.low_in)) &&
                      (p.hh < 0 || (p.hh == 0 && (!p.a.high_in || p.b.high_in))));
}

static struct value w_overlaps_before(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return overlaps_before(run, a, false);
}

static struct value overlaps_after(struct run *run, const struct value *arg) {
    struct pair p;
    if (arg[0].kind != V_RANGE || arg[1].kind != V_RANGE || !compare(run, arg, false, &p)) return NULL_VALUE;
    return rule_value_bool((p.ll > 0 || (p.ll == 0 && p.b.low_in && !p.a.low_in)) &&
                      (p.lh < 0 || (p.lh == 0 && p.a.low_in && p.b.high_in)) &&
                      (p.hh > 0 || (p.hh == 0 && (!p.b.high_in || p.a.high_in))));
}

static struct value w_overlaps_after(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return overlaps_after(run, a);
}

static struct value finishes(struct run *run, const struct value *arg, bool exchange) {
    struct pair p;
    if (!compare(run, arg, exchange, &p) || p.b.point) return NULL_VALUE;
    if (p.a.point) return rule_value_bool(p.hh == 0 && p.b.high_in);
    return rule_value_bool(p.hh == 0 && p.a.high_in == p.b.high_in && (p.ll > 0 || (p.ll == 0 && (!p.a.low_in
        || p.b.low_in))));
}

static struct value w_finishes(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return finishes(run, a, false);
}

static struct value w_finished_by(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return finishes(run, a, true);
}

/* a includes b. */
static struct value includes(struct run *run, const struct value *arg, bool exchange) {
    struct pair p;
    if (!compare(run, arg, exchange, &p) || p.a.point) return NULL_VALUE;
    return rule_value_bool((p.ll < 0 || (p.ll == 0 && (p.a.low_in || !p.b.low_in))) &&
                      (p.hh > 0 || (p.hh == 0 && (p.a.high_in || !p.b.high_in))));
}

static struct value w_includes(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return includes(run, a, false);
}

static struct value w_during(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return includes(run, a, true);
}

static struct value starts(struct run *run, const struct value *arg, bool exchange) {
    struct pair p;
    if (!compare(run, arg, exchange, &p) || p.b.point) return NULL_VALUE;
    if (p.a.point) return rule_value_bool(p.ll == 0 && p.b.low_in);
    return rule_value_bool(p.ll == 0 && p.a.low_in == p.b.low_in && (p.hh < 0 || (p.hh == 0 && (!p.a.high_in
        || p.b.high_in))));
}

static struct value w_starts(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return starts(run, a, false);
}

static struct value w_started_by(struct run *run, const struct value *a, size_t n, int form) {
    (void)n, (void)form;
    return starts(run, a, true);
}

static struct value w_coincides(struct run *run, const struct value *a, size_t n, int form) {
    struct pair p;
    (void)n, (void)form;
    if (!compare(run, a, false, &p) || p.a.point != p.b.point) return NULL_VALUE;
    return rule_value_bool(p.ll == 0 && p.hh == 0 && p.a.low_in == p.b.low_in && p.a.high_in == p.b.high_in);
}

#define ANY_TWO { { { "point1", "point2" }, 2, 2, false }, { { "point", "range" }, 2, 2, false }, \
    { { "range", "point" }, 2, 2, false }, { { "range1", "range2" }, 2, 2, false } }, 4, 0
#define TWO_RANGES { { { "range1", "range2" }, 2, 2, false } }, 1, 0
#define POINT_IN_RANGE { { { "point", "range" }, 2, 2, false }, { { "range1", "range2" }, 2, 2, false } }, 2, 0
#define RANGE_OF_POINT { { { "range", "point" }, 2, 2, false }, { { "range1", "range2" }, 2, 2, false } }, 2, 0
/* Columns: see rule_words_number.c. */
const struct word rule_words_range[] = {
    { "before", w_before, ANY_TWO }, { "after", w_after, ANY_TWO }, { "meets", w_meets, TWO_RANGES },
    { "met by", w_met_by, TWO_RANGES }, { "overlaps", w_overlaps, TWO_RANGES },
    { "overlaps before", w_overlaps_before, TWO_RANGES }, { "overlaps after", w_overlaps_after, TWO_RANGES },
    { "finishes", w_finishes, POINT_IN_RANGE }, { "finished by", w_finished_by, RANGE_OF_POINT },
    { "includes", w_includes, RANGE_OF_POINT }, { "during", w_during, POINT_IN_RANGE },
    { "starts", w_starts, POINT_IN_RANGE }, { "started by", w_started_by, RANGE_OF_POINT },
    { "coincides", w_coincides, { { { "point1", "point2" }, 2, 2, false }, { { "range1", "range2" }, 2, 2,
        false } }, 2, 0 },
};
const size_t rule_n_words_range = sizeof rule_words_range / sizeof *rule_words_range;
