/* press_test: papers to PDFs: pages, refusals, the same bytes twice; a real signature, judged by pdfsig and
 * qpdf where they are installed (./check installs them), which are other people's readers and no part of
 * ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "data/pdf.h"
#include "os/os.h"
#include "proc/press/press.h"
#include "engine/paper/paper_layout.h"

/* cairo 1.16 loses arrays of 768 bytes with a tagged PDF; they are cairo's own and no call gives them back.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libcairo.so\n";
}

static struct arena a;
static const int64_t now_ms = 1795246800000; /* 2026-11-21T15:40:00+08:00 */

static int setup(void **state) {
    (void)state;
    arena_init(&a, "press test", 512u << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_done(&a);
    press_done();
    return 0;
}

static const char licence[] =
    "<paper id=\"p\" title=\"{{name}}\" orientation=\"landscape\" margin=\"26 32 22 32\" "
    "style=\"licence\"><page>"
    "<title>{{name}}</title><para align=\"right\" size=\"small\">编号：{{number}}</para>"
    "<field label=\"持证人\">{{holder}}</field><field label=\"代码\" span=\"half\">{{code}}</field>"
    "<field label=\"负责人\" span=\"half\">{{person}}</field><table rows=\"rows\" caption=\"清单\"><column "
    "title=\"名\" width=\"40\">{{t}}"
    "</column><column title=\"值\" align=\"right\">{{v}}</column></table><rule kind=\"double\"/>"
    "<qr text=\"http://127.0.0.1:8080/v/ABCD\" caption=\"扫码核验真伪\"/>"
    "<seal organisation=\"某某市某某区某某局\" text=\"审批专用章\" date=\"2026年11月21日\"/></page></paper>";

static struct val *view(size_t rows, struct str cell) {
    struct val *v = val_map(&a), *list = val_list(&a);
    val_put_str(&a, v, S("name"), S("样例许可证"));
    val_put_str(&a, v, S("holder"), S("某某公司 & <A>"));
    val_put_str(&a, v, S("person"), S("张三"));
    for (size_t i = 0; i < rows; i++) {
        struct val *row = val_map(&a);
        val_put_str(&a, row, S("t"), cell);
        val_put_i64(&a, row, S("v"), (int64_t)i);
        val_push(&a, list, row);
    }
    val_put(&a, v, S("rows"), list);
    return v;
}

static struct str message(const char *xml, const struct val *v, struct str mark) {
    struct paper *p;
    struct paper_tree *t;
    struct buf b;
    struct err e = { 0 };
    assert_int_equal(paper_compile(&a, S("p.xml"), str_of(xml), &p, &e), 0);
    assert_int_equal(paper_bind(p, v, NULL, S(""), &a, &t, &e), 0);
    paper_stamp(t, S("2026-11-21T15:40:00+08:00"), mark);
    buf_init(&b, &a, 4096, PAPER_MESSAGE_BYTES_MAX);
    assert_int_equal(paper_tree_write(&b, t, &e), 0);
    return buf_str(&b);
}

static size_t count(struct str s, const char *what) {
    size_t n = 0;
    for (size_t at = 0; (at = str_find(s, str_of(what), at)) != SIZE_MAX; at++) n++;
    return n;
}

static void sets(void **state) {
    (void)state;
    struct err e = { 0 };
    struct str pdf, again, m = message(licence, view(3, S("甲")), S(""));
    assert_int_equal(press_set(&a, m, &pdf, &e), 0);
    assert_int_equal(press_set(&a, m, &again, &e), 0);
    assert_true(str_eq(pdf, again)); /* no clock, no chance */
    assert_true(str_starts(pdf, S("%PDF-1.4")));
    assert_int_equal(count(pdf, "/Type /Page %"), 1);
    assert_true(count(pdf, "/FontFile3") >= 2);    /* embedded */
    assert_int_equal(count(pdf, "/S /Figure"), 4); /* two, each twice: as cairo wrote it and with its text */
    assert_int_equal(count(pdf, "/Alt <FEFF"), 2);
    assert_int_equal(count(pdf, "/Lang <FEFF007A0068002D0043004E>"), 1);
}

static void flows_over_pages(void **state) {
    (void)state;
    struct err e = { 0 };
    struct str pdf, one;
    assert_int_equal(press_set(&a, message(licence, view(100, S("甲乙丙")), S("样本")), &pdf, &e), 0);
    assert_true(count(pdf, "/Type /Page %") > 3);
    /* One row taller than a page is continued, not cut off nor looped over. */
    struct buf b;
    buf_init(&b, &a, 4096, 1 << 20);
    for (int i = 0; i < 4000; i++) buf_add(&b, S("长文字"));
    assert_int_equal(press_set(&a, message(licence, view(1, buf_str(&b)), S("")), &one, &e), 0);
    assert_true(count(one, "/Type /Page %") > 10);
    buf_clear(&b);
    for (int i = 0; i < 6000; i++) buf_add(&b, S("长\n"));
    assert_int_equal(press_set(&a, message(licence, view(1, buf_str(&b)), S("")), &one, &e), ERR_LIMIT);
}

static void refuses(void **state) {
    (void)state;
    struct err e = { 0 };
    struct str pdf;
    assert_int_equal(press_set(&a, S(""), &pdf, &e), ERR_SYNTAX);
    assert_int_equal(press_set(&a, S("TBP1"), &pdf, &e), ERR_SYNTAX);
    /* A private-use character has no glyph: refused rather than printed as a box. */
    assert_int_equal(press_set(&a, message(licence, view(1, S("\xF3\xB0\x80\x80")), S("")), &pdf, &e),
                     ERR_INPUT);
    static const char image[] = "<paper id=\"p\" title=\"t\" style=\"notice\"><page><image src=\"rows.0.t\" "
                                "alt=\"x\" width=\"30\"/></page></paper>";
    assert_int_equal(
        press_set(&a, message(image, view(1, S("not a picture at all, only text")), S("")), &pdf, &e),
        ERR_INPUT);
    static const char empty[] = "<paper id=\"p\" title=\"t\" style=\"notice\"><page><qr text=\"{{none}}\" "
                                "caption=\"x\"/></page></paper>";
    assert_int_equal(press_set(&a, message(empty, view(0, S("")), S("")), &pdf, &e), ERR_INPUT);
}

/* A 1x1 PNG. */
static const unsigned char dot[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00,
    0x00, 0x00, 0x0b, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0xf8, 0x0f, 0x04, 0x00, 0x09, 0xfb, 0x03,
    0xfd, 0x68, 0xfa, 0x1c, 0xcc, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

static void images(void **state) {
    (void)state;
    struct err e = { 0 };
    struct str pdf;
    static const char image[] = "<paper id=\"p\" title=\"t\" style=\"notice\"><page><image src=\"rows.0.t\" "
                                "alt=\"相片\" width=\"30\"/></page></paper>";
    struct str png = str_make((const char *)dot, sizeof dot);
    assert_int_equal(press_set(&a, message(image, view(1, png), S("")), &pdf, &e), 0);
    assert_int_equal(count(pdf, "/Alt <FEFF76F87247>"), 1);
    struct str huge = arena_str(&a, png);
    memcpy((char *)(uintptr_t)huge.ptr + 16, "\x00\x01\x00\x00", 4); /* claims 65536 columns */
    assert_int_equal(press_set(&a, message(image, view(1, huge), S("")), &pdf, &e), ERR_INPUT);
}

/* Runs a program with its output in `out`; its exit code, or -1 if it is not installed. */
static int run(const char *const *argv, const char *out) {
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600),
                     0);
    int r = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (r) return -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void signed_by_us(struct str *ret_pdf, struct str *root) {
    struct err e = { 0 };
    struct str pdf, der, cms;
    struct pdf_hole h;
    struct digest d;
    struct sign_key *ca, *k;
    assert_int_equal(press_set(&a, message(licence, view(3, S("甲")), S("")), &pdf, &e), 0);
    const struct pdf_signature s = { S("某某局"), S("电子证照签发"), S("某市"),
                                     S("2026-11-21T15:40:00+08:00") };
    assert_int_equal(pdf_prepare_signature(&a, pdf, &s, &h, &e), 0);
    hash_parts(SUITE_INTL, h.part, 2, &d);
    assert_int_equal(sign_key_new(SUITE_INTL, &ca, &e), 0);
    assert_int_equal(sign_key_new(SUITE_INTL, &k, &e), 0);
    assert_int_equal(cert_root(&a, ca, S("Press Test Root"), now_ms, root, &e), 0);
    assert_int_equal(
        cert_issue(&a, ca, *root, sign_key_public(&a, k), S("Press Test Signer"), now_ms, &der, &e), 0);
    assert_int_equal(cms_sign(&a, k, der, *root, &d, now_ms, &cms, &e), 0);
    assert_int_equal(pdf_insert_signature(&h, cms, &e), 0);
    sign_key_free(ca);
    sign_key_free(k);
    *ret_pdf = h.bytes;
}

static void signatures(void **state) {
    (void)state;
    struct err e = { 0 };
    struct str pdf, root, part[2], cms, text;
    struct digest d;
    signed_by_us(&pdf, &root);
    assert_int_equal(pdf_signature_find(&a, pdf, part, &cms, &e), 0);
    hash_parts(SUITE_INTL, part, 2, &d);
    assert_int_equal(cms_verify(cms, root, &d, &e), 0);
    struct str forged = arena_str(&a, pdf);
    size_t at = str_find(forged, S("/MediaBox"), 0);
    assert_true(at != SIZE_MAX);
    ((char *)(uintptr_t)forged.ptr)[at + 1] = 'm';
    assert_int_equal(pdf_signature_find(&a, forged, part, &cms, &e), 0);
    hash_parts(SUITE_INTL, part, 2, &d);
    assert_int_not_equal(cms_verify(cms, root, &d, &e), 0);

    static const char dir[] = "build/press-test", good[] = "build/press-test/good.pdf",
                      bad[] = "build/press-test/forged.pdf";
    static const char out[] = "build/press-test/out.txt";
    assert_int_equal(os_mkdir(dir, &e), 0);
    assert_int_equal(os_write_file(good, pdf, &e), 0);
    assert_int_equal(os_write_file(bad, forged, &e), 0);
    int r = run((const char *const[]){ "qpdf", "--check", good, NULL }, out);
    if (r < 0)
        print_message("SKIPPED: qpdf is not installed\n");
    else
        assert_int_equal(r, 0);
    r = run((const char *const[]){ "pdfsig", "-nocert", good, NULL }, out);
    if (r < 0) {
        print_message("SKIPPED: pdfsig is not installed\n");
        return;
    }
    assert_int_equal(os_read_file(&a, out, 65536, &text, &e), 0);
    assert_int_equal(count(text, "Signature is Valid"), 1);
    assert_int_equal(count(text, "Total document signed"), 1);
    assert_int_equal(count(text, "ETSI.CAdES.detached"), 1);
    (void)run((const char *const[]){ "pdfsig", "-nocert", bad, NULL }, out);
    assert_int_equal(os_read_file(&a, out, 65536, &text, &e), 0);
    assert_int_equal(count(text, "Signature is Valid"), 0); /* the control: pdfsig does look */
}

/* The text of a PDF, as another program reads it; false where that is not installed. */
static bool read_back(struct str pdf, struct str *ret) {
    static const char file[] = "build/press-test/text.pdf", out[] = "build/press-test/text.txt";
    struct err e = { 0 };
    assert_int_equal(os_mkdir("build/press-test", &e), 0);
    assert_int_equal(os_write_file(file, pdf, &e), 0);
    if (run((const char *const[]){ "pdftotext", "-raw", file, "-", NULL }, out) < 0) {
        print_message("SKIPPED: pdftotext is not installed\n");
        return false;
    }
    assert_int_equal(os_read_file(&a, out, 65536, ret, &e), 0);
    return true;
}

/* What a reader or a search engine gets out: the words as they were put in, in order, codes without hyphens.
 */
static void text_comes_out(void **state) {
    (void)state;
    struct err e = { 0 };
    struct str pdf, text;
    static const char narrow[] =
        "<paper id=\"p\" title=\"t\" style=\"notice\"><page><title>Unified office</title>"
        "<table rows=\"rows\"><column title=\"A\" width=\"30\">{{t}}</column>"
        "<column title=\"B\">{{v}}</column></table></page></paper>";
    struct str message_bytes = message(narrow, view(1, S("91990101MA06ABCD1X91990101MA06ABCD1X")), S(""));
    assert_int_equal(press_set(&a, message_bytes, &pdf, &e), 0);
    if (!read_back(pdf, &text)) return;
    assert_int_equal(count(text, "Unified office"), 1);
    assert_int_equal(count(text, "-"), 0);
    assert_true(count(text, "91990101") >= 1);
}

/* A list is not refused for one character of one row: it shows a geta mark there, and what stands around it. */
static void a_list_shows_what_it_can(void **state) {
    (void)state;
    struct err e = { 0 };
    struct str pdf, text, m = message(licence, view(3, S("甲\xF3\xB0\x80\x80乙")), S(""));
    char *bytes = arena_alloc(&a, m.len);
    assert_non_null(bytes);
    memcpy(bytes, m.ptr, m.len);
    assert_int_equal(press_set(&a, m, &pdf, &e), ERR_INPUT);
    bytes[4] = PAPER_LIST; /* the style's byte, paper_wire.c */
    assert_int_equal(press_set(&a, str_make(bytes, m.len), &pdf, &e), 0);
    if (!read_back(pdf, &text)) return;
    assert_int_equal(count(text, "甲〓乙"), 3);
}

/* A paper of `fields` fields whose last is told, with its seal and code; pages of its text. */
static size_t sealed_pages(const char *style, int fields, const char *between, struct str page[8]) {
    struct buf b;
    struct err e = { 0 };
    struct str pdf, text;
    size_t n = 0;
    buf_init(&b, &a, 4096, 1 << 20);
    buf_add_fmt(&b, "<paper id=\"p\" title=\"t\" orientation=\"landscape\" margin=\"22 25 20 25\" style=\"%s\"><page>"
                    "<title level=\"1\" align=\"center\">经营许可证</title><space height=\"4\"/>", style);
    for (int i = 0; i < fields; i++) buf_add_fmt(&b, "<field label=\"%s\">字</field>", i + 1 < fields ? "项目" : "有效期");
    buf_add_fmt(&b, "%s<space height=\"6\"/><qr text=\"http://x/v/A\" size=\"26\" caption=\"扫码核验 ETBX-R0VG-EP1H-Y5M1\"/>"
                    "<seal organisation=\"某某市某某局（演示）\" text=\"许可专用章\" date=\"2026年11月21日\" size=\"40\" align=\"right\"/>"
                    "</page></paper>", between);
    assert_int_equal(press_set(&a, message((const char *)arena_cstr(&a, buf_str(&b)), view(0, S("")), S("")), &pdf, &e), 0);
    if (!read_back(pdf, &text)) return 0;
    while (n < 8 && str_cut(&text, '\f', &page[n])) n += page[n].len > 0;
    return n;
}

/* A field more than fits: a licence gives up air and stays whole; beyond that, and elsewhere, a seal takes the last line along. */
static void no_seal_stands_alone(void **state) {
    (void)state;
    static const char *const ends[] = { "", "<para>末段一句。</para>", "<para>一\n二\n三\n四\n五\n六\n七\n末段</para>" };
    struct str page[8];
    size_t one = 0, more = 0;
    if (sealed_pages("licence", 6, "", page) == 0) return; /* no reader is here */
    assert_int_equal(sealed_pages("licence", 7, "", page), 1);
    assert_int_equal(count(page[0], "ETBX-R0VG-EP1H-Y5M1"), 1); /* the code is not broken */
    for (int fields = 5; fields < 14; fields++)
        for (size_t style = 0; style < 2; style++)
            for (size_t k = 0; k < 3; k++) {
                size_t n = sealed_pages(style ? "notice" : "licence", fields, ends[k], page);
                one += n == 1, more += n == 2;
                const char *last = k ? "末段" : "有效期";
                if (n < 1 || n > 2 || !count(page[n - 1], "某某局") || !count(page[n - 1], last))
                    fail_msg("%d fields, style %zu, end %zu: %zu pages, the last one has\n%.*s", fields, style, k, n,
                             STR_ARG(page[n - 1]));
            }
    assert_true(one > 5 && more > 5); /* both happened */
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(sets),       cmocka_unit_test(flows_over_pages),
                                        cmocka_unit_test(a_list_shows_what_it_can),
                                        cmocka_unit_test(refuses),    cmocka_unit_test(images),
                                        cmocka_unit_test(signatures), cmocka_unit_test(text_comes_out),
                                        cmocka_unit_test(no_seal_stands_alone) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
