/* multipart: see multipart.h. A boundary line can only begin with CR, which occurs nowhere else in the delimiter, so
 * the search needs no table: on a mismatch the part of the delimiter seen so far is data, and only the byte at hand
 * can begin a new one.
 *
 * Invariants
 *  1. Any split of the same bytes gives the same parts; nothing is looked at twice.
 *  2. `status` is sticky: after a refusal further bytes are dropped, and multipart_done still removes every file.
 *  3. Memory: one head buffer, fields within form_field_bytes each, uploads within MULTIPART_MEMORY_BYTES in memory
 *     or in a file.
 */
#include "http/multipart.h"
#include "http/form.h"

#include "os/os.h"

#include <string.h>

enum place { AT_PREAMBLE, AT_AFTER_DELIMITER, AT_HEAD, AT_DATA, AT_END };

struct multipart {
    struct arena *arena;
    const struct http_limits *limits;
    const char *upload_dir;
    char delimiter[MULTIPART_BOUNDARY_BYTES + 4];
    size_t delimiter_len, matched;
    size_t lent; /* of `matched`, what the end of the part's head gave: its line end may be the delimiter's */
    char after[2];
    size_t after_len;
    char head[MULTIPART_HEADER_BYTES];
    size_t head_len;
    enum place place;
    int status;
    struct http_field *field;
    struct http_upload *upload;
    size_t n_field, n_upload, n_part;
    bool is_upload;
    struct buf data;
    int fd; /* of the upload under way, or -1 */
};

static bool is_boundary(struct str s) { /* bchars of RFC 2046 section 5.1.1 */
    if (s.len == 0 || s.len > MULTIPART_BOUNDARY_BYTES || s.ptr[s.len - 1] == ' ') return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alnum && (c == 0 || !strchr("'()+_,-./:=? ", c))) return false;
    }
    return true;
}

/* Takes the next `; name=value` off `*s` (RFC 9110 section 5.6.6); a quoted value is unquoted into the arena. 1, 0 at
 * the end, -1. */
static int next_param(struct arena *a, struct str *s, struct str *name, struct str *value) {
    *s = str_trim(*s);
    if (s->len == 0) return 0;
    if (s->ptr[0] != ';') return -1;
    struct str rest = str_trim(str_sub(*s, 1, s->len));
    size_t equals = str_find_char(rest, '=', 0);
    if (equals == SIZE_MAX || equals == 0) return -1;
    *name = str_sub(rest, 0, equals);
    rest = str_sub(rest, equals + 1, rest.len);
    if (rest.len == 0 || rest.ptr[0] != '"') {
        size_t end = str_find_char(rest, ';', 0);
        *value = str_trim(str_sub(rest, 0, end));
        *s = end == SIZE_MAX ? (struct str){ NULL, 0 } : str_sub(rest, end, rest.len);
        return value->len && str_find_char(*value, '"', 0) == SIZE_MAX && str_find_char(*value, ' ', 0) == SIZE_MAX
                   ? 1
                   : -1;
    }
    char *out = arena_alloc(a, rest.len);
    size_t n = 0, i = 1;
    for (; out && i < rest.len && rest.ptr[i] != '"'; i++) {
        /* Browsers put a backslash of a file name as it is; only \" and \\ are escapes (RFC 7578 section 2, RFC
         * 9110 5.6.4). */
        if (rest.ptr[i] == '\\' && i + 1 < rest.len && (rest.ptr[i + 1] == '"' || rest.ptr[i + 1] == '\\')) i++;
        out[n++] = rest.ptr[i];
    }
    if (!out || i >= rest.len) return -1;
    *value = str_make(out, n);
    *s = str_sub(rest, i + 1, rest.len);
    return 1;
}

struct multipart *multipart_new(struct arena *a, struct str content_type, const struct http_limits *limits,
                                const char *upload_dir) {
    size_t end = str_find_char(content_type, ';', 0);
    struct str name, value, boundary = { NULL, 0 };
    if (end == SIZE_MAX || !str_eq_nocase(str_trim(str_sub(content_type, 0, end)), S("multipart/form-data")))
        return NULL;
    struct str rest = str_sub(content_type, end, content_type.len);
    int more;
    while ((more = next_param(a, &rest, &name, &value)) > 0) {
        if (!str_eq_nocase(name, S("boundary"))) continue;
        if (boundary.len) return NULL;
        boundary = value;
    }
    if (more < 0 || !is_boundary(boundary)) return NULL;
    struct multipart *m = arena_new(a, struct multipart);
    if (!m) return NULL;
    *m = (struct multipart){ .arena = a, .limits = limits, .upload_dir = upload_dir, .fd = -1 };
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.ptr, boundary.len);
    m->delimiter_len = boundary.len + 4;
    m->matched = 2; /* the first delimiter has no line before it */
    m->field = arena_array(a, limits->multipart_parts, sizeof *m->field);
    m->upload = arena_array(a, limits->multipart_parts, sizeof *m->upload);
    return m->field && m->upload ? m : NULL;
}

static void refuse(struct multipart *m, int status) {
    if (!m->status) m->status = status;
}

/* The part's data, as it comes. */
static void take(struct multipart *m, struct str bytes) {
    if (bytes.len == 0 || m->status) return;
    if (m->place == AT_PREAMBLE) {
        refuse(m, 400);
        return;
    }
    struct http_upload *u = m->is_upload ? &m->upload[m->n_upload - 1] : NULL;
    size_t so_far = u ? u->size_bytes : m->data.len;
    if (!http_within(m->limits, u ? HTTP_BOUND_upload_bytes : HTTP_BOUND_form_field_bytes, so_far + bytes.len)) {
        refuse(m, 413);
        return;
    }
    struct err e;
    if (u) u->size_bytes += bytes.len;
    if (u && m->fd < 0 && m->upload_dir && u->size_bytes > MULTIPART_MEMORY_BYTES) {
        if (os_temp_new(m->arena, m->upload_dir, &u->path, &m->fd, &e) || os_append(m->fd, buf_str(&m->data), &e))
            refuse(m, err_status(e.code));
    }
    if (u && m->fd >= 0) {
        if (!m->status && os_append(m->fd, bytes, &e)) refuse(m, err_status(e.code));
        return;
    }
    buf_add(&m->data, bytes);
    if (!buf_ok(&m->data)) refuse(m, arena_overflowed(m->arena) ? 503 : 413);
}

static void end_part(struct multipart *m) {
    if (m->place == AT_PREAMBLE || m->status) return;
    if (!m->is_upload) {
        m->field[m->n_field - 1].value = http_form_marked(m->arena, buf_str(&m->data));
        return;
    }
    struct http_upload *u = &m->upload[m->n_upload - 1];
    if (m->fd >= 0) os_close(m->fd);
    else u->bytes = buf_str(&m->data);
    m->fd = -1;
    if (u->size_bytes == 0 && u->file_name.len == 0) m->n_upload--; /* no file was chosen */
}

/* Content-Disposition: form-data; name="x"[; filename="y"]. */
static bool read_disposition(struct multipart *m, struct str value, struct str *name, struct str *file_name,
                             bool *has_file) {
    size_t end = str_find_char(value, ';', 0);
    struct str rest = str_sub(value, end == SIZE_MAX ? value.len : end, value.len), key, text;
    bool has_name = false;
    if (!str_eq_nocase(str_trim(str_sub(value, 0, end)), S("form-data"))) return false;
    int more;
    while ((more = next_param(m->arena, &rest, &key, &text)) > 0) {
        bool is_name = str_eq_nocase(key, S("name"));
        if (!is_name && !str_eq_nocase(key, S("filename")))
            return false; /* filename* is forbidden: RFC 7578 section 4.2 */
        if ((is_name ? has_name : *has_file) || !str_utf8_valid(text)) return false;
        *(is_name ? name : file_name) = text;
        *(is_name ? &has_name : has_file) = true;
    }
    return more == 0 && has_name && name->len;
}

static bool read_head_line(struct multipart *m, struct str line, struct str *disposition, struct str *media_type) {
    size_t colon = str_find_char(line, ':', 0);
    if (colon == SIZE_MAX || colon == 0) return false;
    struct str name = str_sub(line, 0, colon), value = str_trim(str_sub(line, colon + 1, line.len));
    for (size_t i = 0; i < line.len; i++)
        if (((unsigned char)line.ptr[i] < 0x20 && line.ptr[i] != '\t') || line.ptr[i] == 0x7f) return false;
    for (size_t i = 0; i < name.len; i++)
        if (!((name.ptr[i] | 0x20) >= 'a' && (name.ptr[i] | 0x20) <= 'z') && name.ptr[i] != '-') return false;
    struct str *slot = str_eq_nocase(name, S("Content-Disposition")) ? disposition
                       : str_eq_nocase(name, S("Content-Type"))      ? media_type
                                                                     : NULL;
    if (str_eq_nocase(name, S("Content-Transfer-Encoding")) || (slot && slot->ptr)) return false;
    if (slot) *slot = arena_str(m->arena, value);
    return true;
}

static void begin_part(struct multipart *m) {
    struct str head = { m->head, m->head_len - 4 }, disposition = { NULL, 0 }, media_type = { NULL, 0 };
    struct str name = { NULL, 0 }, file_name = { NULL, 0 };
    bool has_file = false;
    while (head.len && !m->status) {
        size_t end = str_find(head, S("\r\n"), 0);
        if (!read_head_line(m, str_sub(head, 0, end), &disposition, &media_type)) refuse(m, 400);
        head = end == SIZE_MAX ? (struct str){ NULL, 0 } : str_sub(head, end + 2, head.len);
    }
    if (m->status) return;
    if (!read_disposition(m, disposition, &name, &file_name, &has_file)) {
        refuse(m, 400);
        return;
    }
    if (str_eq_nocase(str_sub(media_type, 0, 10), S("multipart/"))) refuse(m, 400);
    if (!http_within(m->limits, HTTP_BOUND_multipart_parts, ++m->n_part)) {
        refuse(m, 413);
        return;
    }
    m->is_upload = has_file;
    if (has_file)
        m->upload[m->n_upload++] =
            (struct http_upload){ .field = name, .file_name = file_name, .media_type = media_type };
    else m->field[m->n_field++].name = name;
    buf_init(&m->data, m->arena, 256, has_file ? m->limits->upload_bytes : m->limits->form_field_bytes);
    m->matched = m->lent = 2;
    m->place = AT_DATA;
}

/* One byte of a part's head. */
static void take_head(struct multipart *m, char c) {
    if (m->head_len == sizeof m->head) {
        refuse(m, 413);
        return;
    }
    m->head[m->head_len++] = c;
    struct str head = { m->head, m->head_len };
    if (str_eq(head, S("\r\n"))) refuse(m, 400); /* a part without a name */
    else if (str_ends(head, S("\r\n\r\n"))) begin_part(m);
}

static void take_after(struct multipart *m, char c) {
    m->after[m->after_len++] = c;
    if (m->after_len < 2) return;
    m->after_len = 0;
    m->head_len = 0;
    if (m->after[0] == '\r' && m->after[1] == '\n') m->place = AT_HEAD;
    else if (m->after[0] == '-' && m->after[1] == '-') m->place = AT_END;
    else refuse(m, 400);
}

/* Data up to the next delimiter: returns how many bytes of `piece` it used. */
static size_t take_data(struct multipart *m, struct str piece) {
    size_t i = 0;
    while (i < piece.len && !m->status) {
        if (m->matched == 0) {
            size_t cr = str_find_char(piece, '\r', i), end = cr == SIZE_MAX ? piece.len : cr;
            take(m, str_sub(piece, i, end - i));
            i = end;
            if (cr == SIZE_MAX) break;
        }
        if (piece.ptr[i] == m->delimiter[m->matched]) {
            i++;
            if (++m->matched < m->delimiter_len) continue;
            if (m->lent) refuse(m, 400); /* an empty part to some, to others data that begin with a boundary */
            end_part(m);
            m->matched = 0;
            m->place = AT_AFTER_DELIMITER;
            return i;
        }
        take(m, str_make(m->delimiter + m->lent, m->matched - m->lent));
        m->matched = m->lent = 0;
    }
    return piece.len;
}

int multipart_feed(struct multipart *m, struct str piece) {
    size_t i = 0;
    while (i < piece.len && !m->status) {
        switch (m->place) {
        case AT_PREAMBLE:
        case AT_DATA: i += take_data(m, str_sub(piece, i, piece.len)); break;
        case AT_AFTER_DELIMITER: take_after(m, piece.ptr[i++]); break;
        case AT_HEAD: take_head(m, piece.ptr[i++]); break;
        case AT_END: /* one line end may follow, a whole one; an epilogue is refused */
            if (m->after_len >= 2 || piece.ptr[i++] != "\r\n"[m->after_len++]) refuse(m, 400);
            break;
        }
    }
    return m->status;
}

int multipart_end(struct multipart *m, struct http_field **fields, size_t *n_fields, struct http_upload **uploads,
                  size_t *n_uploads) {
    if (!m->status && (m->place != AT_END || m->after_len == 1)) refuse(m, 400);
    *fields = m->field;
    *uploads = m->upload;
    *n_fields = m->status ? 0 : m->n_field;
    *n_uploads = m->status ? 0 : m->n_upload;
    return m->status;
}

void multipart_done(struct multipart *m) {
    if (!m) return;
    if (m->fd >= 0) os_close(m->fd);
    m->fd = -1;
    for (size_t i = 0; i < m->n_upload; i++) {
        if (m->upload[i].path) (void)os_unlink(m->upload[i].path, NULL);
        m->upload[i].path = NULL;
    }
}
