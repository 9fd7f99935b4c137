/* Fuzz target: BPMN. What compiles is drawn, listed and started; the machine must rest within its limits. */
#include "engine/flow/flow_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int condition(void *context, const struct flow_at *at, struct str feel, const struct val *vars, bool *ret,
                     struct err *e) {
    (void)context, (void)at, (void)vars, (void)e;
    *ret = feel.len & 1;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct flow_findings f;
    struct arena a;
    struct flow_model *m = NULL;
    struct err e = { 0 };
    arena_init(&a, "fuzz", 64 * 1024 * 1024);
    if (flow_compile(&a, S("fuzz"), str_make((const char *)data, size), NULL, &m, &f, &e) == 0) {
        struct flow_env env = { .condition = condition };
        struct flow_run r = { .arena = &a, .env = &env, .model = m, .e = &e, .now_ms = 1 };
        struct flow_begin b = { .case_id = 1, .release_id = 1, .process = m->process };
        struct flow_drawing d = { .title = S("fuzz") };
        struct buf out;
        size_t n;
        buf_init(&out, &a, 1024, 1 << 20);
        (void)flow_svg(&out, m, &d);
        (void)flow_do_start(&r, &b);
        (void)flow_steps(&a, m, r.history, r.n_history, NULL, 0, &n);
    }
    arena_done(&a);
    return 0;
}
