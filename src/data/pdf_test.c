/* pdf_test: incremental updates over a small PDF made here, and refusal of damaged ones. Checks by other
 * programs (qpdf, pdfsig) and with real signatures are in proc/press/press_test.c, where such PDFs are made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "data/pdf.h"
#include "data/pdf_private.h"

static struct arena a;

static int setup(void **state) {
    (void)state;
    arena_init(&a, "pdf test", 512u << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_done(&a);
    return 0;
}

static struct str small_pdf(bool figure) {
    static const char *const object[] = {
        "<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 4 0 R /Lang (xx) >>",
        "<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>",
        "<< /Type /StructTreeRoot /K 5 0 R >>",
        "<< /Type /StructElem /S /Figure /P 4 0 R /Alt (old \\) text) >>",
    };
    struct buf b;
    size_t offset[5];
    buf_init(&b, &a, 2048, 8192);
    buf_add(&b, S("%PDF-1.4\n%\xb5\xed\xae\xfb\n"));
    size_t n = figure ? 5 : 4;
    for (size_t i = 0; i < n; i++) {
        offset[i] = b.len;
        buf_add_fmt(&b, "%zu 0 obj\n%s\nendobj\n", i + 1, object[i]);
    }
    size_t xref = b.len;
    buf_add_fmt(&b, "xref\n0 %zu\n0000000000 65535 f \n", n + 1);
    for (size_t i = 0; i < n; i++) buf_add_fmt(&b, "%010zu 00000 n \n", offset[i]);
    buf_add_fmt(&b, "trailer\n<< /Size %zu /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", n + 1, xref);
    return buf_str(&b);
}

static const struct str alt[] = { S_INIT("印章（甲）") };
static const struct pdf_meta meta = {
    S_INIT("标题 & <1>"), S_INIT("zh-CN"), S_INIT("测试"), S_INIT("2026-11-21T15:40:00+08:00"), alt, 1
};
static const struct pdf_signature signature = { S_INIT("某局"), S_INIT("签发"), S_INIT("天津"),
                                                S_INIT("2026-11-21T07:40:00Z") };

static bool has(struct str s, const char *what) {
    return str_find(s, str_of(what), 0) != SIZE_MAX;
}

static void describes(void **state) {
    (void)state;
    struct str in = small_pdf(true), out;
    struct err e = { 0 };
    assert_int_equal(pdf_describe(&a, in, &meta, &out, &e), 0);
    assert_true(str_starts(out, in)); /* what was there stays */
    struct pdf_file f;
    assert_int_equal(pdf_open(&a, out, &f, &e), 0);
    struct str catalog = pdf_object(&f, 1);
    assert_true(str_eq(pdf_dict_find(catalog, S("/Pages")), S("2 0 R")));
    assert_true(str_eq(pdf_dict_find(catalog, S("/Lang")), S("<FEFF007A0068002D0043004E>")));
    assert_false(has(catalog, "(xx)"));
    struct pdf_ref xmp;
    assert_true(pdf_is_ref(pdf_dict_find(catalog, S("/Metadata")), &xmp));
    assert_true(has(out, "标题 &amp; &lt;1&gt;</rdf:li>"));
    assert_true(str_eq(pdf_dict_find(pdf_object(&f, 5), S("/Alt")), S("<FEFF53707AE0FF087532FF09>")));
    assert_true(has(out, "/CreationDate (D:20261121154000+08'00')"));
    struct pdf_meta none = meta;
    none.n_alt = 0;
    assert_int_equal(pdf_describe(&a, in, &none, &out, &e),
                     ERR_FORMAT); /* a figure without text is refused */
    assert_int_equal(pdf_describe(&a, small_pdf(false), &meta, &out, &e), ERR_FORMAT);
}

/* A DER value that is no CMS: the PDF layer does not look inside. */
static struct str der(size_t n) {
    char *p = arena_alloc(&a, n + 4);
    assert_non_null(p);
    memcpy(p, "\x30\x82", 2);
    p[2] = (char)(n >> 8);
    p[3] = (char)(n & 0xff);
    memset(p + 4, 'q', n);
    return str_make(p, n + 4);
}

static void signs(void **state) {
    (void)state;
    struct str described, part[2], cms;
    struct pdf_hole h;
    struct err e = { 0 };
    assert_int_equal(pdf_describe(&a, small_pdf(true), &meta, &described, &e), 0);
    assert_int_equal(pdf_signature_find(&a, described, part, &cms, &e), ERR_NOT_FOUND);
    assert_int_equal(pdf_prepare_signature(&a, described, &signature, &h, &e), 0);
    assert_true(str_starts(h.bytes, described));
    assert_int_equal(h.part[0].len + h.part[1].len + h.hole_len + 2, h.bytes.len);
    assert_int_equal(h.part[0].ptr[h.part[0].len], '<');
    assert_int_equal(h.part[1].ptr[-1], '>');
    assert_true(has(h.part[0], "/SubFilter /ETSI.CAdES.detached"));
    assert_true(has(h.bytes, "/M (D:20261121074000Z)"));
    assert_int_equal(pdf_signature_find(&a, h.bytes, part, &cms, &e), ERR_DAMAGED); /* only zeros yet */
    assert_int_equal(pdf_insert_signature(&h, der(PDF_SIGNATURE_BYTES_MAX), &e), ERR_LIMIT);
    struct str in = der(1000);
    assert_int_equal(pdf_insert_signature(&h, in, &e), 0);
    assert_int_equal(pdf_signature_find(&a, h.bytes, part, &cms, &e), 0);
    assert_true(str_eq(cms, in));
    assert_true(str_eq(part[0], h.part[0]));
    assert_true(str_eq(part[1], h.part[1]));
    /* Anything appended leaves the range: it must be seen. */
    struct str more = ARENA_CAT(&a, h.bytes, S("\n"));
    assert_int_equal(pdf_signature_find(&a, more, part, &cms, &e), ERR_DAMAGED);
    struct str updated;
    struct pdf_meta again = meta;
    assert_int_equal(pdf_describe(&a, h.bytes, &again, &updated, &e), 0);
    assert_int_equal(pdf_signature_find(&a, updated, part, &cms, &e), ERR_DAMAGED);
    assert_int_equal(pdf_prepare_signature(&a, h.bytes, &signature, &h, &e), ERR_FORMAT); /* one signature */
}

/* Every cut and many changed bytes: an error or a result, never a crash; sanitizers watch. */
static void damage(void **state) {
    (void)state;
    struct str in = small_pdf(true), out;
    struct err e;
    struct arena scratch;
    arena_init(&scratch, "scratch", 64u << 20);
    for (size_t n = 0; n < in.len; n++) {
        arena_reset(&scratch);
        struct str cut = str_sub(in, 0, n);
        int r = pdf_describe(&scratch, cut, &meta, &out, &e);
        if (n + 8 < in.len) assert_int_not_equal(r, 0);
    }
    for (size_t i = 0; i < in.len; i++) {
        arena_reset(&scratch);
        struct str copy = arena_str(&scratch, in);
        char *byte = (char *)(uintptr_t)copy.ptr + i;
        *byte = (char)(*byte ^ 0x15);
        struct pdf_hole h;
        (void)pdf_describe(&scratch, copy, &meta, &out, &e);
        (void)pdf_prepare_signature(&scratch, copy, &signature, &h, &e);
    }
    arena_done(&scratch);
}

static void hostile(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "%PDF-1.4",
        "%PDF-1.4\nstartxref\n0\n",
        "%PDF-1.4\nstartxref\n99999999999999999999999\n",
        "%PDF-1.4\nxref\n0 4000000000\ntrailer\n<<>>\nstartxref\n9\n",
        "%PDF-1.4\nxref\n0 0\ntrailer\n<< /Size 5 /Root 1 0 R /Prev 9 >>\nstartxref\n9\n", /* a loop of
                                                                                              sections */
        "%PDF-1.4\nxref\n0 0\ntrailer\n<< /Size 5 /Root 1 0 R /Encrypt 2 0 R >>\nstartxref\n9\n",
        "%PDF-1.4\nxref\n0 0\ntrailer\n<<[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\nstartxref\n9\n",
        "%PDF-1.4\nxref\n0 0\ntrailer\n<< /Size (((( \nstartxref\n9\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct str out;
        struct err e;
        assert_int_not_equal(pdf_describe(&a, str_of(bad[i]), &meta, &out, &e), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(describes), cmocka_unit_test(signs),
                                        cmocka_unit_test(damage), cmocka_unit_test(hostile) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
