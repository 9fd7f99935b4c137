/* sign-in over HTTP: what it tells to whom. */
#include "app/site_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The page without what is different each time it is drawn: tokens, the request's id, and the names as they were typed. */
static struct str bare(struct site *s, struct str reply) {
    static const char *const drop[] = { "name=\"_csrf\" value=\"", "X-Request-Id: ", "Date: ", "Content-Length: ", "Set-Cookie: " };
    struct buf b;
    buf_init(&b, &s->arena, reply.len, reply.len);
    for (size_t i = 0; i < reply.len;) {
        struct str rest = str_sub(reply, i, reply.len);
        for (size_t k = 0; k < sizeof drop / sizeof *drop; k++)
            if (str_starts(rest, str_of(drop[k]))) {
                i += strlen(drop[k]);
                while (i < reply.len && reply.ptr[i] != '"' && reply.ptr[i] != '\n') i++;
                rest = str_sub(reply, i, reply.len);
            }
        if (str_starts(rest, S("citizen")) || str_starts(rest, S("citizem"))) i += 7;
        else buf_add_char(&b, reply.ptr[i++]);
    }
    return buf_str(&b);
}

/* F33: seven wrong passwords for an account and for none: the same pages, byte for byte. */
static void test_f33_sign_in_tells_not_which_accounts_exist(void **state) {
    static const char *const names[] = { "citizen", "citizem" };
    SITE(s);
    for (int i = 0; i < 7; i++) {
        struct str page[2];
        for (int k = 0; k < 2; k++) {
            struct visitor v = { .site = s };
            (void)site_get(&v, "/zh/sign-in");
            page[k] = site_post(&v, "/zh/sign-in", arena_fmt(&s->arena, "login=%s&password=wrong-%d", names[k], i).ptr);
            assert_int_equal(site_status(page[k]), i < 5 ? 422 : 429);
            if (i >= 5) assert_true(site_has(page[k], "已暂时锁定"));
            page[k] = bare(s, page[k]);
        }
        if (!str_eq(page[0], page[1])) fail_msg("%d:\n%.*s\n---\n%.*s", i, STR_ARG(page[0]), STR_ARG(page[1]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f33_sign_in_tells_not_which_accounts_exist),
    };
    return SITE_FIXTURE_RUN("sign-in", tests);
}
