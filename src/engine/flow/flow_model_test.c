/* Tests of the compiler, the checks, the steps, the drawing, and texts of time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "data/xml.h"
#include "engine/flow/flow_fixture.h"

static struct arena arena;
static struct flow_findings found;

static int setup(void **state) {
    (void)state;
    arena_init(&arena, "test", 64 * 1024 * 1024);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_done(&arena);
    return 0;
}

#define HEAD "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:tb='urn:tongban:bpmn:1'>\n" \
             "<process id='p' isExecutable='true'>\n"
#define TAIL "</process></definitions>"
#define U "<userTask id='u' tb:role='r'/>"
#define FLOWS "<startEvent id='s'/><endEvent id='e'/><sequenceFlow id='f1' sourceRef='s' targetRef='u'/>" \
              "<sequenceFlow id='f2' sourceRef='u' targetRef='e'/>"

static int no_feel(void *context, struct str text, struct err *e) {
    (void)context;
    return str_find_char(text, '!', 0) == SIZE_MAX ? 0 : err_set(e, ERR_SYNTAX, "%s", "不是 FEEL");
}

static int no_word(void *context, struct str text, struct err *e) {
    (void)context;
    return str_eq(text, S("known")) ? 0 : err_set(e, ERR_INPUT, "%s", "没有这个词");
}

/* Refused, with a finding on that line that holds that text. */
static void refused(const char *xml, uint32_t line, const char *text) {
    static const struct flow_check check = { .feel = no_feel, .act = no_word, .role = NULL };
    struct flow_model *m = NULL;
    struct err e = { 0 };
    assert_int_equal(flow_compile(&arena, S("x.bpmn"), str_of(xml), &check, &m, &found, &e), ERR_SYSTEM);
    assert_null(m);
    assert_true(found.n_errors > 0);
    for (size_t i = 0; i < found.n; i++)
        if (!found.item[i].warning && found.item[i].line == line &&
            str_find(found.item[i].text, str_of(text), 0) != SIZE_MAX)
            return;
    for (size_t i = 0; i < found.n; i++) print_message("%u: %.*s\n", found.item[i].line, STR_ARG(found.item[i].text));
    fail_msg("no '%s' on line %u", text, line);
}

static void elements_refused_by_name(void **state) {
    (void)state;
    static const char *const names[] = { "task",
                                         "sendTask",
                                         "receiveTask",
                                         "manualTask",
                                         "scriptTask",
                                         "callActivity",
                                         "transaction",
                                         "adHocSubProcess",
                                         "eventBasedGateway",
                                         "complexGateway",
                                         "intermediateThrowEvent",
                                         "dataObject",
                                         "dataStoreReference" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str xml = arena_fmt(&arena, HEAD "<%s id='t'/>\n" U FLOWS TAIL, names[i]);
        refused(xml.ptr, 3, names[i]);
    }
    refused(HEAD "<userTask id='u' tb:role='r'>\n<multiInstanceLoopCharacteristics/></userTask>" FLOWS TAIL, 4,
            "multiInstanceLoopCharacteristics");
    refused(HEAD "<startEvent id='s'>\n<messageEventDefinition/></startEvent>" U "<endEvent id='e'/>" TAIL, 4,
            "messageEventDefinition");
    refused(HEAD "<subProcess id='w'><startEvent id='a'/>\n<scriptTask id='q'/></subProcess>" U FLOWS TAIL, 4,
            "scriptTask");
    refused(
        "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'>\n<collaboration id='c'/></definitions>", 2,
        "collaboration");
    refused(
        HEAD
        "<intermediateCatchEvent id='i'><timerEventDefinition>\n<timeCycle>R/PT1H</timeCycle></timerEventDefinition>"
        "</intermediateCatchEvent>" U FLOWS TAIL,
        4, "timeCycle");
    refused(HEAD "<subProcess id='w' triggeredByEvent='true'/>" U FLOWS TAIL, 3, "triggeredByEvent");
}

static void attributes_required(void **state) {
    (void)state;
    refused(HEAD "<userTask id='u'/>" FLOWS TAIL, 3, "tb:role");
    refused(HEAD "<userTask id='u' tb:role='r' tb:rolle='x'/>" FLOWS TAIL, 3, "tb:rolle");
    refused(HEAD "<userTask id='u' tb:role='r' tb:moves='a b a'/>" FLOWS TAIL, 3, "重复");
    refused(HEAD "<serviceTask id='u'/>" FLOWS TAIL, 3, "tb:act");
    refused(HEAD "<serviceTask id='u' tb:act='known' tb:with='x'/>" FLOWS TAIL, 3, "tb:with");
    refused(HEAD "<serviceTask id='u' tb:act='unknown'/>" FLOWS TAIL, 3, "没有这个词");
    refused(HEAD "<serviceTask id='u' tb:act='known' tb:with='a=1;b=!'/>" FLOWS TAIL, 3, "不是 FEEL");
    refused(HEAD "<businessRuleTask id='u' tb:decision='d'/>" FLOWS TAIL, 3, "tb:result");
    refused(HEAD "<userTask tb:role='r'/>" U FLOWS TAIL, 3, "缺少 id");
    refused(HEAD U U FLOWS TAIL, 3, "重复");
    refused(HEAD U FLOWS "<sequenceFlow id='f1' sourceRef='s' targetRef='e'/>" TAIL, 3, "重复");
    refused(HEAD U FLOWS "\n<sequenceFlow id='f3' sourceRef='u'/>" TAIL, 4, "targetRef");
    refused(HEAD U FLOWS "\n<sequenceFlow id='f3' sourceRef='u' targetRef='x'/>" TAIL, 4, "不存在");
    refused("<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'>\n<process id='p'/></definitions>", 2,
            "isExecutable");
    refused("<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'>\n</definitions>", 1, "没有 process");
}

static void line_refused(const char *line, const char *text) {
    struct flow_model *m = NULL;
    struct err e = { 0 };
    assert_int_equal(flow_compile(&arena, S("x"), flow_fixture_xml(&arena, line), NULL, &m, &found, &e), ERR_SYSTEM);
    for (size_t i = 0; i < found.n; i++)
        if (!found.item[i].warning && str_find(found.item[i].text, str_of(text), 0) != SIZE_MAX) return;
    fail_msg("%s: no '%s' but %s", line, text, e.detail);
}

static void graphs_refused(void **state) {
    (void)state;
    line_refused("s>u1>u2>e u1^u2", "不能退回到 u2"); /* not before it */
    line_refused("s>u1>v1>u2>e u2^u1", "不能退回到 u1"); /* what was done by itself cannot be given back */
    line_refused("s>u1>p1>u2>p2>e p1>u3>p2 u2^u1", "不能退回到 u1");
    line_refused("s>u1>w1>e w1{ s1>u2>e1 } u2^u1", "不能退回到 u1");
    line_refused("s>u1>x1>u2>e u2^x1", "不是另一个 userTask");
    line_refused("s>u1>u2>e u2^u2", "不是另一个 userTask");
    line_refused("s>u1>e u2>e", "走不到这里");
    line_refused("s>u1", "断头");
    line_refused("s>p1>e p1>u1>u2>u1", "死循环");
    line_refused("s>x1 x1>u1:t x1>u2 u1>e u2>e", "网关 x1 的这个分支既没有条件");
    line_refused("s>o1 o1>u1 o1>u2* u1>e u2>e", "既没有条件");
    line_refused("s>p1 p1>u1:t p1>u2 u1>e u2>e", "不能有条件");
    line_refused("s>u1>e e>u1", "endEvent 出去");
    line_refused("s>u1>e u1>s", "不能进入");
    line_refused("u1>e", "startEvent");
    line_refused("s>u1>e s2>u1", "startEvent");
    line_refused("s>u1>e b1>e", "attachedToRef");
    line_refused("s>u1>e b1@x1 b1>e s>x1>e", "boundaryEvent 只能");
    line_refused("s>w1>e w1{ s1>e1 } e1>e", "不能跨越");
    line_refused("s>w1>e w1{ u1>e1 }", "startEvent");
}

static void doubts_do_not_refuse(void **state) {
    (void)state;
    struct flow_model *m = NULL;
    assert_int_equal(flow_compile(&arena, S("x"), flow_fixture_xml(&arena, "s>x1 x1>u1:t x1>u2:f u1>e u2>e"), NULL,
                                  &m, &found, NULL),
                     0);
    assert_non_null(m);
    assert_int_equal(found.n, 1);
    assert_true(found.item[0].warning);
}

static void limits(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, &arena, 1 << 16, 1 << 22);
    buf_add(&b, S("s>u0>e"));
    for (int i = 0; i < 140; i++) buf_add_fmt(&b, " s>u%d>e", i);
    struct flow_model *m = NULL;
    assert_int_equal(flow_compile(&arena, S("x"), flow_fixture_xml(&arena, arena_str(&arena, buf_str(&b)).ptr), NULL,
                                  &m, &found, NULL),
                     0);
    buf_clear(&b);
    buf_add(&b, S(HEAD));
    for (int i = 0; i < 501; i++) buf_add_fmt(&b, "<userTask id='u%d' tb:role='r'/>\n", i);
    buf_add(&b, S(TAIL));
    refused(arena_str(&arena, buf_str(&b)).ptr, 503, "超过");
    buf_clear(&b);
    buf_add(&b, S(HEAD U FLOWS "\n"));
    for (int i = 0; i < 10; i++) buf_add_fmt(&b, "<subProcess id='w%d'><startEvent id='s%d'/>", i, i);
    for (int i = 0; i < 10; i++) buf_add(&b, S("</subProcess>"));
    buf_add(&b, S(TAIL));
    refused(arena_str(&arena, buf_str(&b)).ptr, 4, "嵌套");
}

static void steps_in_order(void **state) {
    (void)state;
    struct flow_fixture_context c = { 0 };
    struct flow_env env = flow_fixture_env(&c);
    struct err e = { 0 };
    struct flow_model *m =
        flow_fixture_model(&arena, "s>u1>p1 p1>u2>u3>p2 p1>w1>p2 p2>x1 x1>u1:f x1>e* w1{ s1>u4>e1 } b1@u1 b1>e9");
    struct flow_run *r = flow_fixture_start(&arena, &env, m, &e);
    assert_non_null(r);
    assert_int_equal(flow_fixture_do(r, "u1", "complete"), 0);
    assert_int_equal(flow_fixture_do(r, "u2", "complete"), 0);
    struct flow_token t[4];
    assert_int_equal(r->n_token, 3);
    for (size_t i = 0; i < r->n_token; i++) t[i] = *r->token[i];
    size_t n;
    struct flow_step *s = flow_steps(&arena, m, r->history, r->n_history, t, r->n_token, &n);
    static const struct {
        const char *id;
        enum flow_step_state state;
    } want[] = { { "s", FLOW_STEP_DONE },   { "u1", FLOW_STEP_DONE },  { "u2", FLOW_STEP_DONE },
                 { "u3", FLOW_STEP_NOW },   { "w1", FLOW_STEP_NOW },   { "s1", FLOW_STEP_DONE },
                 { "u4", FLOW_STEP_NOW },   { "e1", FLOW_STEP_AHEAD }, { "e", FLOW_STEP_AHEAD },
                 { "b1", FLOW_STEP_AHEAD }, { "e9", FLOW_STEP_AHEAD } };
    assert_int_equal(n, sizeof want / sizeof *want);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(s[i].element->id, str_of(want[i].id))) fail_msg("%zu is %.*s", i, STR_ARG(s[i].element->id));
        assert_int_equal(s[i].state, want[i].state);
    }
    assert_int_equal(s[1].actor_id, 1);
    assert_int_equal(s[1].visits, 1);
}

/* Where the user tasks of a fixture stand after `done` ones, in the order of the flow: the first letters of ahead, maybe,
 * off, now, done. */
static void standing(const char *fixture, const char *const *done, const char *wanted) {
    struct flow_fixture_context c = { 0 };
    struct flow_env env = flow_fixture_env(&c);
    struct err e = { 0 };
    struct flow_run *r = flow_fixture_start(&arena, &env, flow_fixture_model(&arena, fixture), &e);
    struct flow_token t[8];
    char got[8] = "";
    size_t n;
    assert_non_null(r);
    for (; *done; done++) assert_int_equal(flow_fixture_do(r, *done, "complete"), 0);
    for (size_t i = 0; i < r->n_token; i++) t[i] = *r->token[i];
    struct flow_step *s = flow_steps(&arena, r->model, r->history, r->n_history, t, r->n_token, &n);
    for (size_t i = 0; i < n; i++)
        if (s[i].element->kind == FLOW_USER) got[strlen(got)] = "AMONDI"[s[i].state];
    assert_string_equal(got, wanted);
}

static void steps_ahead(void **state) {
    (void)state;
    static const char *const none[] = { NULL }, *const one[] = { "u1", NULL };
    /* one of two ways, which meet again: either may be passed by, until one is taken */
    standing("s>u1>x1 x1>u2:f x1>u3* u2>x2 u3>x2 x2>u4>e", none, "NMMA");
    standing("s>u1>x1 x1>u2:f x1>u3* u2>x2 u3>x2 x2>u4>e", one, "DONA");
    /* a way out past everything is no way past one step; what nothing leads to any more is off */
    standing("s>u1>x1 x1>u2:f x1>e2* u2>u3>e", none, "NAA");
    standing("s>u1>x1 x1>u2:f x1>e2* u2>x2 x2>u1:f x2>u3* u3>e", none, "NAA");
    /* side by side both are needed, also in a sub-process; what leads back keeps what it leads to */
    standing("s>u1>p1 p1>u2>p2 p1>u3>p2 p2>u4>e", none, "NAAA");
    standing("s>u1>w1>u4>e w1{ s1>x1 x1>u2:f x1>u3* u2>e1 u3>e1 }", none, "NMMA");
    standing("s>u1>u2>x1 x1>u1:f x1>u3* u3>e", one, "DNA");
    standing("s>u1>x1 x1>u5:t u5>u1 x1>x2* x2>u2:f x2>u3* u2>u3 u3>e", none, "NAMA");
    standing("s>u1>x1 x1>u5:t u5>u1 x1>x2* x2>u2:f x2>u3* u2>u3 u3>e", one, "DNMA");
}

static struct str drawn(void) {
    return S(
        "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:tb='urn:tongban:bpmn:1' "
        "xmlns:bpmndi='http://www.omg.org/spec/BPMN/20100524/DI' xmlns:dc='http://www.omg.org/spec/DD/20100524/DC' "
        "xmlns:di='http://www.omg.org/spec/DD/20100524/DI'><process id='p' name='流程' isExecutable='true'>"
        "<userTask id='u' name='审&lt;查&gt;' tb:role='r'/>" FLOWS "</process>"
        "<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement='p'>"
        "<bpmndi:BPMNShape bpmnElement='s'><dc:Bounds x='10.5' y='32' width='36' height='36'/></bpmndi:BPMNShape>"
        "<bpmndi:BPMNShape bpmnElement='u'><dc:Bounds x='100' y='10' width='100' height='80'/></bpmndi:BPMNShape>"
        "<bpmndi:BPMNShape bpmnElement='e'><dc:Bounds x='99999999999' y='32' width='36' "
        "height='36'/></bpmndi:BPMNShape>"
        "<bpmndi:BPMNEdge bpmnElement='f1'><di:waypoint x='46' y='50'/><di:waypoint x='100' "
        "y='50'/></bpmndi:BPMNEdge>"
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>");
}

static void drawing(void **state) {
    (void)state;
    struct flow_model *m = NULL;
    struct buf b;
    struct xml_node *svg = NULL;
    struct err e = { 0 };
    assert_int_equal(flow_compile(&arena, S("x"), drawn(), NULL, &m, &found, &e), 0);
    assert_false(flow_element_find(m, S("e"))->drawn);
    struct flow_step step = { .element = flow_element_find(m, S("u")), .state = FLOW_STEP_NOW };
    struct flow_drawing d = { .step = &step, .n_step = 1 };
    buf_init(&b, &arena, 4096, 1 << 20);
    assert_true(flow_svg(&b, m, &d));
    assert_int_equal(xml_parse(&arena, S("svg"), buf_str(&b), &svg, &e), 0); /* well-formed whatever the names are */
    assert_true(str_find(buf_str(&b), S("<title>流程</title>"), 0) != SIZE_MAX);
    assert_true(str_find(buf_str(&b), S("审&lt;查&gt; 正在办理</title>"), 0) != SIZE_MAX);
    assert_true(str_find(buf_str(&b), S("flow-now"), 0) != SIZE_MAX);
    assert_true(str_find(buf_str(&b), S("style="), 0) == SIZE_MAX);
    buf_clear(&b);
    assert_false(flow_svg(&b, flow_fixture_model(&arena, "s>u1>e"), &d));
    assert_int_equal(b.len, 0);
}

static void iso_8601(void **state) {
    (void)state;
    int64_t ms;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        { "PT0S", 0 }, { "P1D", 86400000 }, { "P2W", 1209600000 }, { "PT1H30M", 5400000 }, { "P1DT1S", 86401000 }
    };
    static const char *const bad[] = {
        "",    "P",      "PT",   "P1",   "1D",   "P1M",           "P1Y",     "PT1D",
        "P1H", "PT1M1H", "P1DT", "P-1D", "P1D ", "P99999999999D", "P36501D", "PT1.5H"
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(flow_iso_duration(str_of(good[i].text), &ms));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (flow_iso_duration(str_of(bad[i]), &ms)) fail_msg("%s", bad[i]);
    assert_true(flow_iso_instant(S("1970-01-02T08:00:00+08:00"), &ms));
    assert_int_equal(ms, 86400000);
    assert_true(flow_iso_instant(S("1970-01-01T00:00:01.5Z"), &ms));
    assert_int_equal(ms, 1000);
    assert_false(flow_iso_instant(S("1970-02-30T00:00:00Z"), &ms));
    assert_false(flow_iso_instant(S("1970-01-01"), &ms));
    assert_false(flow_iso_instant(S("1970-01-01T00:00:00"), &ms));
    assert_false(flow_iso_instant(S("1970-01-01T24:00:00Z"), &ms));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = { T(elements_refused_by_name),
                                        T(attributes_required),
                                        T(graphs_refused),
                                        T(doubts_do_not_refuse),
                                        T(limits),
                                        T(steps_in_order),
                                        T(steps_ahead),
                                        T(drawing), T(iso_8601) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
