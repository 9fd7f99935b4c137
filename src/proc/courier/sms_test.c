/* sms: which receipts are answered. Sessions with a message centre of somebody else's are tests/messages/run. */
#include "proc/courier/sms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

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

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_new_process_answers_for_itself) };
    return cmocka_run_group_tests_name("sms", tests, NULL, NULL);
}
