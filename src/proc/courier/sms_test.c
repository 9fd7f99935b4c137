/* sms: which receipts are answered; a name that is looked up without end holds neither texts nor mail up. Sessions with a centre of
 * somebody else's are tests/messages/run. */
#include "proc/courier/sms.h"

#include "http/smtp.h"

#include <dlfcn.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

typedef int lookup_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);
static int gate[2];

/* In the place of the C library's: a name is looked up until the gate closes. */
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **ret) {
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    lookup_fn *real;
    char byte;
    memcpy(&real, &symbol, sizeof real);
    if (hints->ai_flags & AI_NUMERICHOST) return real(host, port, hints, ret);
    return read(gate[0], &byte, 1) == 0 ? EAI_AGAIN : EAI_SYSTEM;
}

/* A session that has one receipt; the centre's end of it. */
static int begin(struct sms *s, uint32_t sequence) {
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    sms_init(s);
    s->fd = pair[0];
    s->bound = true;
    s->n_receipts = 1;
    s->receipt[0] = (struct sms_receipt){ .sequence = sequence, .fate = SMPP_DELIVERED };
    return pair[1];
}

static ssize_t answered(int centre) {
    char bytes[64];
    return recv(centre, bytes, sizeof bytes, MSG_DONTWAIT);
}

static void test_a_new_process_answers_for_itself(void **state) {
    static struct sms first, next;
    (void)state;
    int centre = begin(&first, 7), again = begin(&next, 9);
    sms_acknowledge(&first, first.generation + 1, 1); /* another session's */
    assert_int_equal(answered(centre), -1);
    sms_acknowledge(&first, first.generation, 2); /* more than there are */
    assert_int_equal(answered(centre), -1);
    sms_acknowledge(&next, first.generation, 1); /* the courier died; `app` speaks of what the dead one told */
    assert_int_equal(answered(again), -1);
    assert_int_equal(next.n_receipts, 1);
    sms_acknowledge(&first, first.generation, 1);
    assert_int_equal(answered(centre), SMPP_HEADER_BYTES + 1);
    assert_int_equal(first.n_receipts, 0);
    (void)close(centre), (void)close(again);
    sms_done(&first), sms_done(&next);
}

static void test_a_resolver_that_does_not_answer(void **state) {
    static struct sms s;
    struct arena a;
    struct err e = { 0 };
    struct str said;
    enum smtp_outcome outcome = SMTP_DELIVERED;
    (void)state;
    sms_init(&s);
    sms_turn(&s, "centre.example", "2775"); /* comes back, though the lookup does not */
    assert_int_equal(s.fd, -1);
    arena_init(&a, "test", 65536);
    const struct smtp_mail m = { .server = S("smtp://mail.example:25"), .from = S("city@example.com"), .to = S("a@example.com"),
                                 .subject = S("s"), .body = S("b"), .id = S("n1"), .timeout_ms = 50 };
    assert_int_equal(smtp_send(&a, &m, &outcome, &said, &e), 0);
    assert_int_equal(outcome, SMTP_RETRY);
    assert_true(str_starts(said, S("mail.example: the resolver did not answer")));
    arena_done(&a);
    assert_int_equal(close(gate[1]), 0);
    sms_done(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_new_process_answers_for_itself),
                                        cmocka_unit_test(test_a_resolver_that_does_not_answer) };
    if (pipe(gate)) return 1;
    return cmocka_run_group_tests_name("sms", tests, NULL, NULL);
}
