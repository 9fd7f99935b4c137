/* resolve: digits are looked up nowhere; a resolver that does not answer holds nobody up; how many such lookups are left is bounded, and
 * when they end names are looked up again. The C library's lookup is replaced: for some names it answers when told to.
 */
#include "os/resolve.h"

#include <dlfcn.h>
#include <netdb.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>


typedef int lookup_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);
static int gate[2];
static atomic_int asked;

/* In the place of the C library's: "stuck..." waits for a byte at the gate, "known" is 127.0.0.9. */
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **ret) {
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    lookup_fn *real;
    char byte;
    memcpy(&real, &symbol, sizeof real);
    if (hints->ai_flags & AI_NUMERICHOST) return real(host, port, hints, ret);
    atomic_fetch_add(&asked, 1);
    if (strcmp(host, "known") == 0) return real("127.0.0.9", port, hints, ret);
    if (strncmp(host, "stuck", 5) == 0 && read(gate[0], &byte, 1) != 1) return EAI_SYSTEM;
    return EAI_NONAME;
}

static struct str first(struct arena *a, const struct resolve_answer *r) {
    assert_true(r->n > 0);
    return resolve_digits(a, &r->address[0]);
}

static void test_names_and_digits(void **state) {
    struct resolve_answer r;
    struct err e = { 0 };
    struct arena a;
    (void)state;
    arena_init(&a, "test", 4096);
    atomic_store(&asked, 0);
    assert_int_equal(resolve_name("192.0.2.7", "25", 0, &r, &e), 0);
    assert_true(str_eq(first(&a, &r), S("192.0.2.7")));
    assert_int_equal(resolve_name("2001:db8::7", "25", 0, &r, &e), 0);
    assert_true(str_eq(first(&a, &r), S("2001:db8::7")));
    assert_int_equal(atomic_load(&asked), 0);
    assert_int_equal(resolve_name("known", "25", 600000, &r, &e), 0);
    assert_true(str_eq(first(&a, &r), S("127.0.0.9")));
    assert_int_equal(resolve_name("nobody", "25", 600000, &r, &e), ERR_PEER);
    char many[400];
    memset(many, 'a', sizeof many - 1);
    many[sizeof many - 1] = 0;
    assert_int_equal(resolve_name(many, "25", 10, &r, &e), ERR_LIMIT);
    arena_done(&a);
}

static void test_a_resolver_that_does_not_answer(void **state) {
    struct resolve_answer r;
    struct err e = { 0 };
    (void)state;
    atomic_store(&asked, 0);
    /* each comes back though its lookup stands at the gate, where nobody has put a byte */
    for (int i = 0; i < RESOLVE_LEFT_MAX; i++) assert_int_equal(resolve_name("stuck", "25", 20, &r, &e), ERR_PEER);
    while (atomic_load(&asked) < RESOLVE_LEFT_MAX) (void)sched_yield();
    assert_int_equal(resolve_name("known", "25", 600000, &r, &e), ERR_PEER); /* nobody is asked any more */
    assert_int_equal(atomic_load(&asked), RESOLVE_LEFT_MAX);
    assert_int_equal(resolve_name("192.0.2.7", "25", 0, &r, &e), 0);
    assert_int_equal(write(gate[1], "....", RESOLVE_LEFT_MAX), RESOLVE_LEFT_MAX);
    while (resolve_name("known", "25", 600000, &r, &e)) (void)sched_yield(); /* the resolver is back */
    assert_int_equal(atomic_load(&asked), RESOLVE_LEFT_MAX + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_names_and_digits), cmocka_unit_test(test_a_resolver_that_does_not_answer) };
    if (pipe(gate)) return 1;
    return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
