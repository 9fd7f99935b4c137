/* pdf: incremental updates; see pdf.h.
 *
 * Invariants: an update is buffered whole, and its cross-reference table is made from the offsets that were
 * really written; new object numbers begin at the old /Size.
 */
#include "data/pdf.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "data/pdf_private.h"
#include "data/write.h"

enum { CHANGED_MAX = 9000 };

struct update {
    struct arena *arena;
    struct pdf_file file;
    struct buf out;
    struct changed {
        uint32_t number, generation;
        size_t offset;
    } * changed;
    size_t n_changed;
    uint32_t next; /* first free object number */
    struct pdf_ref root, info;
    struct str catalog;
    struct err *e;
};

static int bad(struct err *e, const char *what) {
    return err_set(e, ERR_FORMAT, "PDF 1.4（%s）", what);
}

static int begin(struct arena *a, struct str pdf, struct update *u, struct err *e) {
    *u = (struct update){ .arena = a, .e = e };
    int r = pdf_open(a, pdf, &u->file, e);
    if (r) return r;
    u->next = (uint32_t)u->file.n_objects;
    if (!pdf_is_ref(pdf_dict_find(u->file.trailer, S("/Root")), &u->root)) return bad(e, "/Root");
    u->catalog = pdf_object(&u->file, u->root.number);
    if (!str_starts(u->catalog, S("<<"))) return bad(e, "/Root");
    u->changed = arena_array(a, CHANGED_MAX, sizeof *u->changed);
    if (!u->changed) return err_set(e, ERR_MEMORY, "pdf");
    buf_init(&u->out, a, pdf.len + 64 * 1024, PDF_BYTES_MAX);
    buf_add(&u->out, pdf);
    if (pdf.len && pdf.ptr[pdf.len - 1] != '\n') buf_add_char(&u->out, '\n');
    return 0;
}

static void object_begin(struct update *u, struct pdf_ref r) {
    if (u->n_changed == CHANGED_MAX) {
        u->out.overflow = true;
        return;
    }
    u->changed[u->n_changed++] = (struct changed){ r.number, r.generation, u->out.len };
    buf_add_fmt(&u->out, "%u %u obj\n", r.number, r.generation);
}

static void object_end(struct update *u) {
    buf_add(&u->out, S("\nendobj\n"));
}

static struct pdf_ref fresh(struct update *u) {
    return (struct pdf_ref){ u->next++, 0 };
}

/* The dictionary's pairs without the keys that are about to be written anew; left open. */
static void dict_without(struct buf *b, struct str dict, const struct str *keys, size_t n) {
    struct str k, v;
    buf_add(b, S("<<"));
    for (size_t at = 0; pdf_dict_next(dict, &at, &k, &v);) {
        bool drop = false;
        for (size_t i = 0; i < n; i++) drop |= str_eq(k, keys[i]);
        if (drop) continue;
        buf_add_char(b, ' ');
        buf_add(b, k);
        buf_add_char(b, ' ');
        buf_add(b, v);
    }
}

/* A text string as UTF-16BE with its mark, in hex (section 7.9.2.2). */
static void put_text(struct buf *b, struct str s) {
    buf_add(b, S("<FEFF"));
    for (size_t at = 0; at < s.len;) {
        int32_t c = str_utf8_next(s, &at);
        if (c < 0) c = 0xFFFD;
        if (c >= 0x10000)
            buf_add_fmt(b, "%04X%04X", 0xD800 + ((unsigned)c - 0x10000) / 0x400,
                        0xDC00 + ((unsigned)c & 0x3ff));
        else
            buf_add_fmt(b, "%04X", (unsigned)c);
    }
    buf_add_char(b, '>');
}

/* 2026-11-21T15:40:00+08:00 to (D:20261121154000+08'00'). What is not of that shape is left out. */
static void put_date(struct buf *b, struct str iso) {
    char d[32];
    size_t n = 0;
    for (size_t i = 0; i < iso.len && n < sizeof d - 1; i++) {
        char c = iso.ptr[i];
        if (c >= '0' && c <= '9')
            d[n++] = c;
        else if (i >= 19 && (c == '+' || c == '-'))
            d[n++] = c;
        else if (i >= 20 && c == ':')
            d[n++] = '\'';
        else if (c == 'Z')
            d[n++] = 'Z';
    }
    if (n < 14) return;
    buf_add(b, S("(D:"));
    buf_add(b, str_make(d, n));
    buf_add(b, n > 15 ? S("')") : S(")"));
}

static void put_ref(struct buf *b, const char *key, struct pdf_ref r) {
    buf_add_fmt(b, " %s %u %u R", key, r.number, r.generation);
}

static int by_number(const void *x, const void *y) {
    const struct changed *a = x, *b = y;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* The identifiers of the file (section 14.4): of the bytes before and after, by a hash that only has to tell
 * files apart. */
static void put_id(struct update *u) {
    struct str bytes = u->file.bytes, old_id = pdf_dict_find(u->file.trailer, S("/ID"));
    struct str now =
        arena_fmt(u->arena, "%016llX%016llX", (unsigned long long)str_hash(bytes),
                  (unsigned long long)(str_hash(str_sub(bytes, bytes.len / 2, bytes.len)) ^ bytes.len));
    size_t open = str_find_char(old_id, '<', 0),
           close = open == SIZE_MAX ? SIZE_MAX : str_find_char(old_id, '>', open);
    struct str old = close == SIZE_MAX ? now : str_sub(old_id, open + 1, close - open - 1);
    buf_add_fmt(&u->out, " /ID [<%.*s> <%.*s>]", STR_ARG(old), STR_ARG(now));
}

static int end(struct update *u) {
    struct buf *b = &u->out;
    size_t xref = b->len;
    qsort(u->changed, u->n_changed, sizeof *u->changed, by_number);
    buf_add(b, S("xref\n"));
    for (size_t i = 0; i < u->n_changed;) {
        size_t run = 1;
        while (i + run < u->n_changed && u->changed[i + run].number == u->changed[i].number + run) run++;
        buf_add_fmt(b, "%u %zu\n", u->changed[i].number, run);
        for (; run; run--, i++)
            buf_add_fmt(b, "%010zu %05u n \n", u->changed[i].offset, u->changed[i].generation);
    }
    buf_add_fmt(b, "trailer\n<< /Size %u", u->next);
    put_ref(b, "/Root", u->root);
    if (u->info.number) put_ref(b, "/Info", u->info);
    buf_add_fmt(b, " /Prev %zu", u->file.last_xref);
    put_id(u);
    buf_add_fmt(b, " >>\nstartxref\n%zu\n%%%%EOF\n", xref);
    if (!buf_ok(b)) return err_set(u->e, ERR_LIMIT, "%d MiB", PDF_BYTES_MAX >> 20);
    return 0;
}

/* XMP (ISO 16684-1): a packet of RDF/XML in UTF-8. */
static void put_xmp(struct update *u, struct pdf_ref r, const struct pdf_meta *m) {
    struct buf x;
    buf_init(&x, u->arena, 2048, 256 * 1024);
    buf_add(&x,
            S("<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta "
              "xmlns:x=\"adobe:ns:meta/\">\n"
              "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<rdf:Description "
              "rdf:about=\"\" "
              "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\n"
              "<dc:format>application/pdf</dc:format>\n<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">"));
    write_html_text(&x, m->title);
    buf_add(&x, S("</rdf:li></rdf:Alt></dc:title>\n<dc:language><rdf:Bag><rdf:li>"));
    write_html_text(&x, m->lang);
    buf_add(&x, S("</rdf:li></rdf:Bag></dc:language>\n<xmp:CreatorTool>"));
    write_html_text(&x, m->creator);
    buf_add(&x, S("</xmp:CreatorTool>\n<xmp:CreateDate>"));
    write_html_text(&x, m->made);
    buf_add(&x,
            S("</xmp:CreateDate>\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>\n"));
    if (!buf_ok(&x)) u->out.overflow = true;
    object_begin(u, r);
    buf_add_fmt(&u->out, "<< /Type /Metadata /Subtype /XML /Length %zu >>\nstream\n", x.len);
    buf_add(&u->out, buf_str(&x));
    buf_add(&u->out, S("\nendstream"));
    object_end(u);
}

/* Figures in order of their numbers, which is the order in which the press drew them. */
static int put_alts(struct update *u, const struct pdf_meta *m) {
    size_t n = 0;
    static const struct str keys[] = { S_INIT("/Alt") };
    for (uint32_t i = 1; i < u->file.n_objects; i++) {
        struct str o = pdf_object(&u->file, i);
        if (!str_starts(o, S("<<")) || !str_eq(pdf_dict_find(o, S("/S")), S("/Figure"))) continue;
        if (n == m->n_alt) return bad(u->e, "/Alt");
        object_begin(u, (struct pdf_ref){ i, u->file.generation[i] });
        dict_without(&u->out, o, keys, 1);
        buf_add(&u->out, S(" /Alt "));
        put_text(&u->out, m->alt[n++]);
        buf_add(&u->out, S(" >>"));
        object_end(u);
    }
    return n == m->n_alt ? 0 : bad(u->e, "/Alt");
}

int pdf_describe(struct arena *a, struct str pdf, const struct pdf_meta *m, struct str *ret, struct err *e) {
    static const struct str keys[] = { S_INIT("/Lang"), S_INIT("/Metadata"), S_INIT("/ViewerPreferences") };
    struct update u;
    int r = begin(a, pdf, &u, e);
    if (!r) r = put_alts(&u, m);
    if (r) return r;
    struct pdf_ref xmp = fresh(&u);
    u.info = fresh(&u);
    put_xmp(&u, xmp, m);
    object_begin(&u, u.info);
    buf_add(&u.out, S("<< /Title "));
    put_text(&u.out, m->title);
    buf_add(&u.out, S(" /Creator "));
    put_text(&u.out, m->creator);
    buf_add(&u.out, S(" /CreationDate "));
    put_date(&u.out, m->made);
    buf_add(&u.out, S(" >>"));
    object_end(&u);
    object_begin(&u, u.root);
    dict_without(&u.out, u.catalog, keys, 3);
    buf_add(&u.out, S(" /Lang "));
    put_text(&u.out, m->lang);
    put_ref(&u.out, "/Metadata", xmp);
    buf_add(&u.out, S(" /ViewerPreferences << /DisplayDocTitle true >> >>"));
    object_end(&u);
    r = end(&u);
    if (!r) *ret = buf_str(&u.out);
    return r;
}

/* Page 1: down the first child of each node of the page tree. */
static int first_page(const struct update *u, struct pdf_ref *ret) {
    struct str v = pdf_dict_find(u->catalog, S("/Pages"));
    for (int i = 0; i < PDF_DEPTH_MAX && pdf_is_ref(v, ret); i++) {
        struct str o = pdf_object(&u->file, ret->number), kids = pdf_dict_find(o, S("/Kids"));
        if (str_eq(pdf_dict_find(o, S("/Type")), S("/Page"))) return 0;
        if (!str_starts(kids, S("["))) break;
        struct str inner = str_trim(str_sub(kids, 1, kids.len));
        size_t r = str_find_char(inner, 'R', 0);
        v = r == SIZE_MAX ? S("") : str_sub(inner, 0, r + 1);
    }
    return bad(u->e, "/Pages");
}

static void put_signature(struct update *u, struct pdf_ref r, const struct pdf_signature *s,
                          struct pdf_hole *h, size_t *range_at) {
    struct buf *b = &u->out;
    object_begin(u, r);
    buf_add(b, S("<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange "));
    *range_at = b->len;
    buf_add_fmt(b, "%-48s", "[0 0000000000 0000000000 0000000000]");
    buf_add(b, S(" /Contents <"));
    h->hole_at = b->len;
    h->hole_len = 2 * PDF_SIGNATURE_BYTES_MAX;
    char *zeros = buf_room(b, h->hole_len);
    if (zeros) {
        memset(zeros, '0', h->hole_len);
        buf_grew(b, h->hole_len);
    }
    buf_add(b, S("> /M "));
    put_date(b, s->made);
    const struct str text[] = { s->name, s->reason, s->location };
    static const char *const key[] = { " /Name ", " /Reason ", " /Location " };
    for (int i = 0; i < 3; i++) {
        if (!text[i].len) continue;
        buf_add(b, str_of(key[i]));
        put_text(b, text[i]);
    }
    buf_add(b, S(" >>"));
    object_end(u);
}

/* The widget joins the page's annotations; other annotations stay. Annots that are an object of their own are
 * refused: the press makes none. */
static int put_widget(struct update *u, struct pdf_ref page, struct pdf_ref field, struct pdf_ref signature) {
    static const struct str keys[] = { S_INIT("/Annots") };
    struct buf *b = &u->out;
    struct str o = pdf_object(&u->file, page.number), annots = pdf_dict_find(o, S("/Annots"));
    if (annots.len && !str_starts(annots, S("["))) return bad(u->e, "/Annots");
    object_begin(u, field);
    buf_add_fmt(b, "<< /Type /Annot /Subtype /Widget /FT /Sig /T (signature%u) /Rect [0 0 0 0] /F 132",
                field.number);
    put_ref(b, "/P", page);
    put_ref(b, "/V", signature);
    buf_add(b, S(" >>"));
    object_end(u);
    object_begin(u, page);
    dict_without(b, o, keys, 1);
    buf_add(b, S(" /Annots ["));
    if (annots.len) buf_add(b, str_sub(annots, 1, annots.len - 2));
    buf_add_fmt(b, " %u 0 R] >>", field.number);
    object_end(u);
    return 0;
}

int pdf_prepare_signature(struct arena *a, struct str pdf, const struct pdf_signature *s,
                          struct pdf_hole *ret, struct err *e) {
    static const struct str keys[] = { S_INIT("/AcroForm") };
    struct update u;
    struct pdf_ref page;
    size_t range_at = 0;
    int r = begin(a, pdf, &u, e);
    if (!r) r = first_page(&u, &page);
    if (r) return r;
    if (pdf_dict_find(u.catalog, S("/AcroForm")).len)
        return bad(e, "/AcroForm"); /* one signature, by the issuer */
    (void)pdf_is_ref(pdf_dict_find(u.file.trailer, S("/Info")), &u.info);
    struct pdf_hole h = { 0 };
    struct pdf_ref signature = fresh(&u), field = fresh(&u);
    put_signature(&u, signature, s, &h, &range_at);
    r = put_widget(&u, page, field, signature);
    if (r) return r;
    object_begin(&u, u.root);
    dict_without(&u.out, u.catalog, keys, 1);
    buf_add_fmt(&u.out, " /AcroForm << /Fields [%u 0 R] /SigFlags 3 >> >>", field.number);
    object_end(&u);
    r = end(&u);
    if (r) return r;
    h.bytes = buf_str(&u.out);
    size_t before = h.hole_at - 1,
           after = h.hole_at + h.hole_len + 1; /* < and > belong to the hole (section 12.8.1) */
    struct str range = arena_fmt(a, "[0 %zu %zu %zu]", before, after, h.bytes.len - after);
    if (!range.len) return err_set(e, ERR_MEMORY, "pdf");
    memset(u.out.ptr + range_at, ' ', 48);
    memcpy(u.out.ptr + range_at, range.ptr, range.len);
    h.part[0] = str_sub(h.bytes, 0, before);
    h.part[1] = str_sub(h.bytes, after, h.bytes.len);
    *ret = h;
    return 0;
}

int pdf_insert_signature(struct pdf_hole *h, struct str cms, struct err *e) {
    static const char hex[] = "0123456789abcdef";
    if (cms.len > h->hole_len / 2) return err_set(e, ERR_LIMIT, "%zu", h->hole_len / 2);
    char *to = (char *)(uintptr_t)h->bytes.ptr + h->hole_at;
    for (size_t i = 0; i < cms.len; i++) {
        to[2 * i] = hex[(uint8_t)cms.ptr[i] >> 4];
        to[2 * i + 1] = hex[cms.ptr[i] & 15];
    }
    return 0;
}

/* Length of a DER value by its own header, so that the hole's zeros are cut off; 0 if it is none. */
static size_t der_length(const uint8_t *d, size_t n) {
    if (n < 2 || d[0] != 0x30) return 0;
    if (d[1] < 0x80) return 2u + d[1] <= n ? 2u + d[1] : 0;
    size_t k = d[1] & 0x7f, len = 0;
    if (k < 1 || k > 3 || n < 2 + k) return 0;
    for (size_t i = 0; i < k; i++) len = len << 8 | d[2 + i];
    return len <= n - 2 - k ? len + 2 + k : 0;
}

int pdf_signature_find(struct arena *a, struct str pdf, struct str part[2], struct str *cms, struct err *e) {
    struct pdf_file f;
    int r = pdf_open(a, pdf, &f, e);
    if (r) return r;
    struct str sig = S("");
    for (uint32_t i = (uint32_t)f.n_objects; i-- > 1 && !sig.len;) {
        struct str o = pdf_object(&f, i);
        if (str_starts(o, S("<<")) && pdf_dict_find(o, S("/ByteRange")).len) sig = o;
    }
    if (!sig.len) return err_set(e, ERR_NOT_FOUND, "/Sig");
    struct str range = pdf_dict_find(sig, S("/ByteRange")), hole = pdf_dict_find(sig, S("/Contents"));
    uint64_t v[4];
    for (size_t i = 0; i < 4; i++)
        if (!pdf_array_u64(range, i, &v[i])) return err_set(e, ERR_DAMAGED, "/ByteRange");
    size_t hole_at = hole.len ? (size_t)(hole.ptr - pdf.ptr) : 0;
    bool whole = v[0] == 0 && v[1] == hole_at && v[2] == hole_at + hole.len && v[2] <= pdf.len &&
                 v[3] == pdf.len - v[2];
    if (!whole || hole.len < 4 || hole.ptr[0] != '<' || hole.len % 2)
        return err_set(e, ERR_DAMAGED, "/ByteRange");
    size_t n = hole.len / 2 - 1;
    uint8_t *der = arena_alloc(a, n);
    if (!der) return err_set(e, ERR_MEMORY, "pdf");
    size_t len = str_hex_to_bytes(str_sub(hole, 1, 2 * n), der, n) ? der_length(der, n) : 0;
    if (!len) return err_set(e, ERR_DAMAGED, "/Contents");
    part[0] = str_sub(pdf, 0, v[1]);
    part[1] = str_sub(pdf, v[2], v[3]);
    *cms = str_make((const char *)der, len);
    return 0;
}
