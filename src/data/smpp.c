/* smpp: see smpp.h. Invariant: `struct reader` never moves past its end; what is missing reads as
 * empty and sets `bad`. */
#include "data/smpp.h"

enum { UDH_BYTES = 6, ADDRESS_BYTES_MAX = 20, SMS_BYTES_MAX = 254 };
enum { ESM_UDH = 0x40, ESM_RECEIPT = 0x04, ESM_KIND = 0x3c, CODING_UCS2 = 8 };
enum { TLV_RECEIPTED_ID = 0x001e, TLV_STATE = 0x0427, TLV_PAYLOAD = 0x0424 };

enum smpp_treat smpp_treat_of(uint32_t status) {
    static const struct {
        uint32_t status;
        enum smpp_treat treat;
    } rows[] = {
        { SMPP_OK, SMPP_TAKEN },
        { 0x01, SMPP_NEVER }, /* ESME_RINVMSGLEN */
        { SMPP_NOT_BOUND, SMPP_REBIND },
        { 0x0b, SMPP_NEVER },  /* ESME_RINVDSTADR */
        { 0x14, SMPP_SLOWER }, /* ESME_RMSGQFUL */
        { 0x50, SMPP_NEVER },  /* ESME_RINVDSTTON */
        { 0x51, SMPP_NEVER },  /* ESME_RINVDSTNPI */
        { 0x58, SMPP_SLOWER }, /* ESME_RTHROTTLED */
        { 0x65, SMPP_NEVER },  /* ESME_RX_P_APPN */
        { 0x66, SMPP_NEVER },  /* ESME_RX_R_APPN */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status) return rows[i].treat;
    return SMPP_LATER; /* ours to mend (source address, bind), or theirs */
}

/* ---- reading ---- */

struct reader {
    struct str left;
    bool bad;
};

static uint32_t number(struct str s, size_t bytes) {
    uint32_t v = 0;
    for (size_t i = 0; i < bytes; i++) v = v << 8 | (unsigned char)s.ptr[i];
    return v;
}

static uint32_t read_number(struct reader *r, size_t bytes) {
    if (r->left.len < bytes) {
        r->bad = true;
        return 0;
    }
    uint32_t v = number(r->left, bytes);
    r->left = str_sub(r->left, bytes, r->left.len);
    return v;
}

static struct str read_bytes(struct reader *r, size_t n) {
    if (r->left.len < n) {
        r->bad = true;
        return S("");
    }
    struct str s = str_sub(r->left, 0, n);
    r->left = str_sub(r->left, n, r->left.len);
    return s;
}

static struct str read_text(struct reader *r) {
    size_t at = str_find_char(r->left, '\0', 0);
    if (at == SIZE_MAX) {
        r->bad = true;
        return S("");
    }
    struct str s = str_sub(r->left, 0, at);
    r->left = str_sub(r->left, at + 1, r->left.len);
    return s;
}

int smpp_take(struct str *in, struct smpp_pdu *ret, bool *ret_whole, struct err *e) {
    *ret_whole = false;
    if (in->len < 4) return 0;
    uint32_t length = number(*in, 4);
    if (length < SMPP_HEADER_BYTES || length > SMPP_PDU_BYTES_MAX)
        return err_set(e, ERR_SYNTAX, "PDU of %u bytes", length);
    if (in->len < length) return 0;
    struct reader r = { .left = str_sub(*in, 4, length - 4) };
    ret->command = read_number(&r, 4);
    ret->status = read_number(&r, 4);
    ret->sequence = read_number(&r, 4);
    ret->body = r.left;
    *in = str_sub(*in, length, in->len);
    *ret_whole = true;
    return 0;
}

/* An id, an error's number: letters, digits and signs that one can see. What is none of these is not
 * the standard's, cannot be kept as text, and would be asked for under another word. */
static struct str word_of(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f) return S("");
    return s;
}

struct str smpp_id_of(const struct smpp_pdu *p) {
    struct reader r = { .left = p->body };
    struct str id = read_text(&r);
    return r.bad || id.len > SMPP_ID_BYTES_MAX ? S("") : word_of(id);
}

/* The word behind "id:" in "id:IIII sub:001 dlvrd:001 submit date:... stat:DELIVRD err:000
 * text:..." */
static struct str said(struct str text, struct str name) {
    for (size_t at = str_find(text, name, 0); at != SIZE_MAX; at = str_find(text, name, at + 1)) {
        if (at && text.ptr[at - 1] != ' ') continue;
        struct str rest = str_sub(text, at + name.len, text.len);
        size_t end = str_find_char(rest, ' ', 0);
        return str_sub(rest, 0, end == SIZE_MAX ? rest.len : end);
    }
    return S("");
}

static enum smpp_fate fate_of_word(struct str word) {
    if (str_eq(word, S("DELIVRD"))) return SMPP_DELIVERED;
    if (str_eq(word, S("EXPIRED"))) return SMPP_EXPIRED;
    bool lost =
        str_eq(word, S("UNDELIV")) || str_eq(word, S("REJECTD")) || str_eq(word, S("DELETED"));
    return lost ? SMPP_UNDELIVERED : SMPP_UNDECIDED;
}

/* Table 5-2: message_state. */
static enum smpp_fate fate_of_state(uint32_t state) {
    if (state == 2) return SMPP_DELIVERED;
    if (state == 3) return SMPP_EXPIRED;
    return state == 4 || state == 5 || state == 8 ? SMPP_UNDELIVERED : SMPP_UNDECIDED;
}

int smpp_read_delivery(const struct smpp_pdu *p, struct smpp_receipt *ret, struct err *e) {
    struct reader r = { .left = p->body };
    struct str id = S(""), text;
    uint32_t state = 0;
    *ret = (struct smpp_receipt){ 0 };
    (void)read_text(&r); /* service_type */
    for (int i = 0; i < 2; i++) {
        (void)read_bytes(&r, 2); /* ton, npi */
        (void)read_text(&r);
    }
    uint32_t esm = read_number(&r, 1);
    (void)read_bytes(&r, 2); /* protocol, priority */
    (void)read_text(&r);
    (void)read_text(&r);
    (void)read_bytes(&r, 4); /* registered, replace, coding, default */
    text = read_bytes(&r, read_number(&r, 1));
    while (!r.bad && r.left.len) {
        uint32_t tag = read_number(&r, 2);
        struct str value = read_bytes(&r, read_number(&r, 2));
        if (r.bad) break;
        if (tag == TLV_RECEIPTED_ID) {
            size_t end = str_find_char(value, '\0', 0);
            id = str_sub(value, 0, end == SIZE_MAX ? value.len : end);
        }
        if (tag == TLV_STATE && value.len == 1) state = number(value, 1);
        if (tag == TLV_PAYLOAD && !text.len) text = value;
    }
    if (r.bad) return err_set(e, ERR_SYNTAX, "deliver_sm");
    ret->is = (esm & ESM_KIND) == ESM_RECEIPT;
    if (!ret->is) return 0;
    ret->id = word_of(id.len ? id : said(text, S("id:")));
    ret->why = word_of(said(text, S("err:")));
    ret->fate = state ? fate_of_state(state) : fate_of_word(said(text, S("stat:")));
    if (ret->id.len > SMPP_ID_BYTES_MAX) return err_set(e, ERR_SYNTAX, "id");
    return 0;
}

/* ---- writing ---- */

static void put_number(struct buf *b, uint32_t v, size_t bytes) {
    for (size_t i = bytes; i > 0; i--) buf_add_char(b, (char)(unsigned char)(v >> 8 * (i - 1)));
}

static void put_text(struct buf *b, struct str s, size_t most) {
    buf_add(b, str_sub(s, 0, most));
    buf_add_char(b, '\0');
}

static void put_header(struct buf *b, size_t body, uint32_t command, uint32_t status,
                       uint32_t sequence) {
    put_number(b, (uint32_t)(SMPP_HEADER_BYTES + body), 4);
    put_number(b, command, 4);
    put_number(b, status, 4);
    put_number(b, sequence, 4);
}

void smpp_put_bare(struct buf *b, uint32_t command, uint32_t status, uint32_t sequence) {
    put_header(b, 0, command, status, sequence);
}

void smpp_put_delivered(struct buf *b, uint32_t sequence) {
    put_header(b, 1, SMPP_DELIVER_SM | SMPP_RESPONSE, SMPP_OK, sequence);
    buf_add_char(b, '\0');
}

void smpp_put_bind(struct buf *b, uint32_t sequence, struct str system_id, struct str password,
                   struct str system_type) {
    enum { ID = 15, WORD = 8, TYPE = 12, VERSION = 0x34 };
    system_id = str_sub(system_id, 0, ID);
    password = str_sub(password, 0, WORD);
    system_type = str_sub(system_type, 0, TYPE);
    put_header(b, system_id.len + password.len + system_type.len + 3 + 4, SMPP_BIND_TRANSCEIVER, 0,
               sequence);
    put_text(b, system_id, ID);
    put_text(b, password, WORD);
    put_text(b, system_type, TYPE);
    buf_add_char(b, (char)VERSION);
    buf_add(b, str_make("\0\0\0", 3)); /* ton, npi, address_range */
}

/* The end of the part that begins at `from`, at most `units` UTF-16 code units on. */
static size_t part_end(struct str text, size_t from, size_t units) {
    size_t at = from, n = 0;
    while (at < text.len) {
        size_t next = at;
        n += str_utf8_next(text, &next) > 0xffff ? 2 : 1;
        if (n > units) break;
        at = next;
    }
    return at;
}

size_t smpp_parts(struct str text) {
    if (part_end(text, 0, SMPP_WHOLE_UNITS) == text.len) return 1;
    size_t n = 0;
    for (size_t at = 0; at < text.len; n++) at = part_end(text, at, SMPP_PART_UNITS);
    return n > SMPP_PARTS_MAX ? 0 : n;
}

static size_t put_ucs2(struct buf *b, struct str s) {
    size_t bytes = 0;
    for (size_t at = 0; at < s.len;) {
        uint32_t c = (uint32_t)str_utf8_next(s, &at);
        if (c > 0xffff) {
            c -= 0x10000;
            if (b) put_number(b, (0xd800 + (c >> 10)) << 16 | (0xdc00 + (c & 0x3ff)), 4);
            bytes += 4;
        } else {
            if (b) put_number(b, c, 2);
            bytes += 2;
        }
    }
    return bytes;
}

static bool digits(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
    return s.len > 0;
}

void smpp_put_submit(struct buf *b, uint32_t sequence, const struct smpp_message *m, size_t i,
                     size_t n) {
    enum { FIXED = 17 }; /* all of one byte, and the ends of six texts */
    size_t from = 0, to = m->text.len;
    for (size_t k = 0; n > 1 && k <= i; k++) {
        from = k ? to : 0;
        to = part_end(m->text, from, SMPP_PART_UNITS);
    }
    struct str part = str_sub(m->text, from, to - from);
    struct str source = str_sub(m->from, 0, ADDRESS_BYTES_MAX),
               target = str_sub(m->to, 0, ADDRESS_BYTES_MAX);
    size_t head = n > 1 ? UDH_BYTES : 0, bytes = head + put_ucs2(NULL, part);
    put_header(b, FIXED + source.len + target.len + bytes, SMPP_SUBMIT_SM, 0, sequence);
    put_text(b, S(""), 0);                              /* service_type */
    put_number(b, digits(source) ? 0x0001 : 0x0500, 2); /* ton, npi: unknown, ISDN; or letters */
    put_text(b, source, ADDRESS_BYTES_MAX);
    put_number(b, 0x0001, 2);
    put_text(b, target, ADDRESS_BYTES_MAX);
    put_number(b, head ? ESM_UDH : 0, 1);
    put_number(b, 0, 2);   /* protocol, priority */
    put_text(b, S(""), 0); /* at once */
    put_text(b, S(""), 0); /* as long as the provider keeps it */
    put_number(b, i + 1 == n, 1);
    put_number(b, 0, 1);
    put_number(b, CODING_UCS2, 1);
    put_number(b, 0, 1);
    put_number(b, (uint32_t)bytes, 1);
    if (head) {
        buf_add(b, str_make("\x05\0\x03", 3));
        put_number(b, m->reference, 1);
        put_number(b, (uint32_t)n, 1);
        put_number(b, (uint32_t)i + 1, 1);
    }
    (void)put_ucs2(b, part);
}
