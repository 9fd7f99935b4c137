/* smpp: what is written reads back by the standard's own layout, texts are cut between characters,
 * receipts are read in both forms, and no bytes are read that did not come. */
#include "data/smpp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct buf out;

static int setup(void **state) {
    (void)state;
    arena_init(&arena, "test", 1 << 20);
    buf_init(&out, &arena, 4096, 1 << 16);
    return 0;
}
static int teardown(void **state) {
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct smpp_pdu take_one(struct str *in) {
    struct smpp_pdu p;
    bool whole;
    assert_int_equal(smpp_take(in, &p, &whole, NULL), 0);
    assert_true(whole);
    return p;
}

/* A bind as in the standard's own example, section 7.3 of the layout, byte for byte. */
static void test_bind(void **state) {
    (void)state;
    buf_clear(&out);
    smpp_put_bind(&out, 1, S("SMPP3TEST"), S("secret08"), S("SUBMIT1"));
    static const char want[] =
        "\0\0\0\x2f\0\0\0\x09\0\0\0\0\0\0\0\x01SMPP3TEST\0secret08\0SUBMIT1\0\x34\0\0";
    assert_int_equal(buf_str(&out).len, sizeof want); /* with the last zero: no address range */
    assert_memory_equal(buf_str(&out).ptr, want, sizeof want);
}

static void test_texts_are_cut_between_characters(void **state) {
    (void)state;
    static char long_text[3 * 300 + 8];
    for (size_t i = 0; i < 300; i++) memcpy(long_text + 3 * i, "办", 3);
    assert_int_equal(smpp_parts(S("")), 1);
    assert_int_equal(smpp_parts(str_make(long_text, 3 * 70)), 1);
    assert_int_equal(smpp_parts(str_make(long_text, 3 * 71)), 2);
    assert_int_equal(smpp_parts(str_make(long_text, 3 * 134)), 2);
    assert_int_equal(smpp_parts(str_make(long_text, 3 * 135)), 3);
    assert_int_equal(smpp_parts(str_make(long_text, 3 * SMPP_TEXT_UNITS_MAX)), SMPP_PARTS_MAX);
    assert_int_equal(smpp_parts(str_make(long_text, 3 * (SMPP_TEXT_UNITS_MAX + 1))), 0);
    /* 66 characters, then one of two units: it goes to the second part whole */
    memcpy(long_text + 3 * 66, "😀", 4);
    memcpy(long_text + 3 * 66 + 4, "办办办办", 12);
    struct smpp_message m = { .from = S("10690000"),
                              .to = S("13800000042"),
                              .reference = 7,
                              .text = str_make(long_text, 3 * 66 + 16) };
    assert_int_equal(smpp_parts(m.text), 2);
    buf_clear(&out);
    smpp_put_submit(&out, 5, &m, 0, 2);
    smpp_put_submit(&out, 6, &m, 1, 2);
    struct str in = buf_str(&out);
    struct smpp_pdu one = take_one(&in), two = take_one(&in);
    assert_int_equal(in.len, 0);
    assert_int_equal(one.sequence, 5);
    assert_int_equal(one.command, SMPP_SUBMIT_SM);
    static const char head[] = "\0\0\x01"
                               "10690000\0\0\x01"
                               "13800000042\0\x40\0\0\0\0\0\0\x08\0\x8a\x05\0\x03\x07\x02\x01";
    assert_memory_equal(one.body.ptr, head, sizeof head - 1);
    assert_int_equal(one.body.len, sizeof head - 1 + 2 * 66);
    const char *tail = two.body.ptr + two.body.len - 2 * 6;
    assert_memory_equal(tail, "\xd8\x3d\xde\x00\x52\x9e", 6);
    assert_memory_equal(tail - 6, "\x05\0\x03\x07\x02\x02", 6);
    assert_int_equal(two.body.ptr[sizeof head - 1 - 11],
                     1); /* the receipt is asked for with the last */
    assert_int_equal(one.body.ptr[sizeof head - 1 - 11], 0);
}

static struct smpp_pdu delivery(const char *esm, const char *text, const char *tlv, size_t n_tlv) {
    buf_clear(&out);
    buf_add(&out, str_make("\0\0\x01"
                           "138\0\0\x01"
                           "106\0",
                           13));
    buf_add(&out, str_make(esm, 1));
    buf_add(&out, str_make("\0\0\0\0\0\0\0\0", 8));
    buf_add_char(&out, (char)strlen(text));
    buf_add(&out, str_of(text));
    buf_add(&out, str_make(tlv, n_tlv));
    return (struct smpp_pdu){ .command = SMPP_DELIVER_SM, .body = buf_str(&out) };
}

static void test_receipts(void **state) {
    (void)state;
    static const struct {
        const char *esm, *text, *tlv;
        size_t n_tlv;
        const char *id;
        enum smpp_fate fate;
        bool is;
    } rows[] = {
        { "\x04",
          "id:A1 sub:001 dlvrd:001 submit date:2611210900 done date:2611210901 stat:DELIVRD err:000 text:x",
          "", 0, "A1", SMPP_DELIVERED, true },
        { "\x04", "id:A2 stat:UNDELIV err:001", "", 0, "A2", SMPP_UNDELIVERED, true },
        { "\x04", "id:A3 stat:EXPIRED err:001", "", 0, "A3", SMPP_EXPIRED, true },
        { "\x04", "id:A4 stat:ACCEPTD err:000", "", 0, "A4", SMPP_UNDECIDED, true },
        { "\x04", "id:no stat:UNDELIV",
          "\0\x1e\0\x03"
          "B7\0\x04\x27\0\x01\x02",
          12, "B7", SMPP_DELIVERED, true },
        { "\0", "id:A5 stat:DELIVRD", "", 0, "", SMPP_UNDECIDED, false },
        { "\x04", "id:A\xd3\xca stat:DELIVRD err:\xff", "", 0, "", SMPP_DELIVERED, true }, /* no text */
        { "\x04", "", "\x04\x24\0\x12id:C9 stat:DELIVRD", 22, "C9", SMPP_DELIVERED, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct smpp_receipt r;
        struct smpp_pdu p = delivery(rows[i].esm, rows[i].text, rows[i].tlv, rows[i].n_tlv);
        assert_int_equal(smpp_read_delivery(&p, &r, NULL), 0);
        assert_int_equal(r.is, rows[i].is);
        assert_true(str_eq(r.id, str_of(rows[i].id)));
        assert_int_equal(r.fate, rows[i].fate);
        assert_true(str_utf8_valid(r.id) && str_utf8_valid(r.why));
        if (rows[i].n_tlv) continue;              /* an optional part may be left out */
        for (size_t n = 0; n < p.body.len; n++) { /* cut anywhere, it is refused */
            struct smpp_pdu cut = { .body = str_sub(p.body, 0, n) };
            assert_int_equal(smpp_read_delivery(&cut, &r, NULL), ERR_SYNTAX);
        }
    }
}

static void test_frames(void **state) {
    struct smpp_pdu p;
    bool whole;
    (void)state;
    buf_clear(&out);
    smpp_put_bare(&out, SMPP_ENQUIRE_LINK, 0, 9);
    smpp_put_delivered(&out, 10);
    for (size_t n = 0; n < SMPP_HEADER_BYTES; n++) {
        struct str part = str_sub(buf_str(&out), 0, n);
        assert_int_equal(smpp_take(&part, &p, &whole, NULL), 0);
        assert_false(whole);
    }
    struct str in = buf_str(&out);
    p = take_one(&in);
    assert_true(p.command == SMPP_ENQUIRE_LINK && p.sequence == 9 && p.body.len == 0);
    p = take_one(&in);
    assert_true(p.command == (SMPP_DELIVER_SM | SMPP_RESPONSE) && p.sequence == 10);
    struct str small = str_make("\0\0\0\x0f", 4), large = str_make("\x7f\0\0\0", 4);
    assert_int_equal(smpp_take(&small, &p, &whole, NULL), ERR_SYNTAX);
    assert_int_equal(smpp_take(&large, &p, &whole, NULL), ERR_SYNTAX);
    p = (struct smpp_pdu){ .body = str_make("abc", 3) };
    assert_int_equal(smpp_id_of(&p).len, 0); /* no end */
    p.body = str_make("abc", 4);
    assert_true(str_eq(smpp_id_of(&p), S("abc")));
    p.body = str_make("a\xd3\xca", 4); /* could not be kept as text */
    assert_int_equal(smpp_id_of(&p).len, 0);
    assert_int_equal(smpp_treat_of(0x58), SMPP_SLOWER);
    assert_int_equal(smpp_treat_of(0x0b), SMPP_NEVER);
    assert_int_equal(smpp_treat_of(0x04), SMPP_REBIND);
    assert_int_equal(smpp_treat_of(0x08), SMPP_LATER);
    assert_int_equal(smpp_treat_of(0x400), SMPP_LATER); /* a vendor's own */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bind),
        cmocka_unit_test(test_texts_are_cut_between_characters),
        cmocka_unit_test(test_receipts),
        cmocka_unit_test(test_frames),
    };
    return cmocka_run_group_tests_name("smpp", tests, setup, teardown);
}
