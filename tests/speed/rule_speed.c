/* Speed of decisions: a table of ten rules by five inputs, and of recomputing a legal limit. Prints figures;
 * passes nothing and fails nothing, as machines differ.
 */
#include "data/tz.h"
#include "engine/clock/clock.h"
#include "engine/rule/rule.h"
#include "os/os.h"

#include <stdio.h>

static const char head[] = ""
    "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' namespace='urn:speed' name='speed'>"
    "<inputData name='a' id='a'><variable name='a' typeRef='number'/></inputData>"
    "<inputData name='b' id='b'><variable name='b' typeRef='number'/></inputData>"
    "<inputData name='c' id='c'><variable name='c' typeRef='string'/></inputData>"
    "<inputData name='d' id='d'><variable name='d' typeRef='boolean'/></inputData>"
    "<inputData name='e' id='e'><variable name='e' typeRef='string'/></inputData>"
    "<decision name='result' id='result'><variable name='result' typeRef='string'/>"
    "<informationRequirement><requiredInput href='#a'/></informationRequirement>"
    "<informationRequirement><requiredInput href='#b'/></informationRequirement>"
    "<informationRequirement><requiredInput href='#c'/></informationRequirement>"
    "<informationRequirement><requiredInput href='#d'/></informationRequirement>"
    "<informationRequirement><requiredInput href='#e'/></informationRequirement>"
    "<decisionTable hitPolicy='UNIQUE'>";
static const char columns[] = "<input><inputExpression typeRef='number'><text>a</text></inputExpression></input>"
    "<input><inputExpression typeRef='number'><text>b</text></inputExpression></input>"
    "<input><inputExpression typeRef='string'><text>c</text></inputExpression></input>"
    "<input><inputExpression typeRef='boolean'><text>d</text></inputExpression></input>"
    "<input><inputExpression typeRef='string'><text>e</text></inputExpression></input><output name='r'/>";

static struct str model_text(struct arena *a) {
    struct buf b;
    buf_init(&b, a, 8192, 1 << 20);
    buf_add(&b, str_of(head));
    buf_add(&b, str_of(columns));
    for (int r = 0; r < 10; r++)
        buf_add_fmt(&b,
            "<rule><inputEntry><text>[%d..%d]</text></inputEntry><inputEntry><text>&gt;= %d</text></inputEntry>"
                    "<inputEntry><text>\"red\",\"green\"</text></inputEntry><inputEntry><text>%s</text></inputEntry>"
                    "<inputEntry><text>not(\"x\")</text></inputEntry><outputEntry><text>\"rule %d\"</text>"
                    "</outputEntry></rule>",
                    r * 10, r * 10 + 9, r, r % 2 ? "true" : "-", r);
    buf_add(&b, S("</decisionTable></decision></definitions>"));
    return buf_str(&b);
}

static void decisions(void) {
    enum { TIMES = 1000000 };
    struct arena a, scratch;
    struct model *m;
    struct err e;
    arena_init(&a, "model", 16 << 20);
    arena_init(&scratch, "decision", 1 << 20);
    if (dmn_compile(&a, (struct dmn_source){ S("speed.dmn"), model_text(&a) }, NULL, 0, DMN_STRICT, &m, &e)) {
        (void)printf("speed.dmn: %s %s\n", err_name(e.code), e.detail);
        return;
    }
    struct val *in = val_map(&a), *out = NULL;
    val_put_i64(&a, in, S("a"), 75);
    val_put_i64(&a, in, S("b"), 50);
    val_put_str(&a, in, S("c"), S("green"));
    val_put_bool(&a, in, S("d"), true);
    val_put_str(&a, in, S("e"), S("y"));
    int64_t from = os_mono_ns();
    for (int i = 0; i < TIMES; i++) {
        if (dmn_decide(m, S("result"), in, &scratch, &out, NULL, &e)) return;
        if (i % 64 == 63 && i + 1 < TIMES) arena_reset(&scratch);
    }
    int64_t ns = os_mono_ns() - from;
    (void)printf("10 rules x 5 inputs: %lld decisions/s (%.*s)\n", (long long)((int64_t)TIMES * 1000000000 / ns),
        STR_ARG(val_text(out)));
    arena_done(&scratch);
    arena_done(&a);
}

static void limits(void) {
    enum { TIMES = 200000 };
    struct arena a;
    struct tz *tz;
    struct clock_calendar *c;
    struct err e;
    arena_init(&a, "calendar", 4 << 20);
    const struct clock_holiday rows[] = { { civil_of(2026, 10, 1), false, S("国庆节") }, { civil_of(2026, 10, 10),
        true, S("国庆节") } };
    if (tz_load(&a, S("Asia/Shanghai"), &tz, &e) || clock_calendar_build(&a, rows, 2, NULL, 0, &c, &e)) return;
    const struct str reason = S("supplement");
    const struct clock_rules rules = { .pause_reason = &reason, .n_pause_reason = 1 };
    const struct clock_event log[] = { { .at_ms = 1790000000000, .kind = CLOCK_ACCEPT },
        { .at_ms = 1790200000000, .kind = CLOCK_PAUSE, .reason = S("supplement") }, { .at_ms = 1790700000000,
            .kind = CLOCK_RESUME } };
    struct clock_result r;
    int64_t from = os_mono_ns();
    for (int i = 0; i < TIMES; i++)
        if (clock_count(c, tz, (struct clock_limit){ 20, CLOCK_WORKING_DAYS, CLOCK_LAW }, &rules, log, 3,
            1791000000000 + i, NULL, &r, &e))
            return;
    (void)printf("a limit of 20 working days with one pause: %lld ns\n", (long long)((os_mono_ns() - from) / TIMES));
    arena_done(&a);
}

int main(void) {
    decisions();
    limits();
    return 0;
}
