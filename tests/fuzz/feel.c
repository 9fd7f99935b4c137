/* Fuzz target: FEEL text from anywhere, as expression and as unary tests. It must end within its limits, and what
 * compiles must evaluate or fail cleanly.
 */
#include "engine/rule/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct str names[] = { S_INIT("applicant age"), S_INIT("a-b"), S_INIT("x") };
    for (int kind = 0; kind < 2; kind++) {
        struct arena a, scratch;
        struct feel *f;
        struct err e;
        arena_init(&a, "fuzz", 4 << 20);
        arena_init(&scratch, "fuzz run", 4 << 20);
        struct val *context = val_map(&a), *result;
        bool holds;
        val_put_i64(&a, context, S("x"), 5);
        val_put_str(&a, context, S("applicant age"), S("12"));
        if (feel_compile(&a, str_make((const char *)data, size), (enum feel_kind)kind, names, 3, &f, &e) == 0) {
            if (kind == FEEL_EXPRESSION) (void)feel_eval(f, context, &scratch, &result, &e);
            else (void)feel_test(f, val_get(context, S("x")), context, &scratch, &holds, &e);
        }
        arena_done(&scratch);
        arena_done(&a);
    }
    return 0;
}
