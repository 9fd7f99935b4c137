/* smtp: see smtp.h. Invariant: what reaches libcurl has passed `check`, so that no CR, LF, blank or angle bracket is in an address.
 * A link that breaks after the text was sent counts as "retry": the mail may arrive twice, with one Message-ID.
 */
#include "http/smtp.h"

#include "base/buf.h"
#include "os/library.h"
#include "os/resolve.h"

#include <curl/curl.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_BYTES_MAX = 4 << 20, ADDRESS_BYTES_MAX = 254, LOOKUP_MS_MAX = 5000 };

/* What is called of libcurl, loaded in the courier alone (os/library.h). A field is a function's name without curl_. */
#define CURL_FUNCTIONS(X)                                                                                        \
    X(global_init) X(easy_init) X(easy_setopt) X(easy_perform) X(easy_getinfo) X(easy_strerror) X(easy_cleanup) \
    X(slist_append) X(slist_free_all)
struct curl_lib {
#define X(f) __typeof__(curl_##f) *f;
    CURL_FUNCTIONS(X)
#undef X
};

static int load(struct curl_lib *ret, struct err *e) {
    static const struct library_entry entry[] = {
#define X(f) { "curl_" #f, offsetof(struct curl_lib, f), false },
        CURL_FUNCTIONS(X)
#undef X
    };
    return library_load("libcurl.so.4", "libcurl4", entry, sizeof entry / sizeof *entry, ret, e);
}

int smtp_init(struct err *e) {
    struct curl_lib curl;
    int rc = load(&curl, e);
    CURLcode r = rc ? CURLE_OK : curl.global_init(CURL_GLOBAL_DEFAULT);
    return r == CURLE_OK ? rc : err_set(e, ERR_IO, "%s", curl.easy_strerror(r));
}

/* ---- what may go out ---- */

bool smtp_address_ok(struct str s) {
    size_t at = SIZE_MAX;
    if (s.len < 3 || s.len > ADDRESS_BYTES_MAX) return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '@' && at == SIZE_MAX) at = i;
        else if (!plain && !(c == '.' || c == '-') &&
                 (at != SIZE_MAX || c == 0 || !strchr("!#$%&'*+/=?^_`{|}~", c))) /* strchr finds the NUL behind its list too */
            return false;
    }
    return at != SIZE_MAX && at > 0 && at + 1 < s.len;
}

static bool id_ok(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'z') ||
              s.ptr[i] == '-'))
            return false;
    return s.len > 0 && s.len <= 128;
}

bool smtp_server(struct str url, struct str *host, struct str *port) {
    bool secure = str_starts(url, S("smtps://"));
    if (!secure && !str_starts(url, S("smtp://"))) return false;
    return smtp_host(str_sub(url, secure ? 8 : 7, url.len), secure ? S("465") : S("25"), host, port);
}

bool smtp_host(struct str rest, struct str usual, struct str *host, struct str *port) {
    *port = usual;
    size_t end = rest.len && rest.ptr[0] == '[' ? str_find_char(rest, ']', 0) : 0;
    if (end == SIZE_MAX) return false;
    size_t colon = str_find_char(rest, ':', end);
    *host = str_sub(rest, 0, colon == SIZE_MAX ? rest.len : colon);
    if (colon != SIZE_MAX) *port = str_sub(rest, colon + 1, rest.len);
    uint64_t number;
    for (size_t i = 0; i < host->len; i++) {
        char c = host->ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-';
        if (!plain && !(end && (c == '[' || c == ']' || c == ':'))) return false;
    }
    return host->len > 0 && host->len < 254 && str_to_u64(*port, &number) && number > 0 && number < 65536;
}

static int check(const struct smtp_mail *m, struct err *e) {
    struct str host, port;
    if (!smtp_server(m->server, &host, &port)) return err_field(e, ERR_FORMAT, S("server"), "smtp://host:port");
    if (!smtp_address_ok(m->from)) return err_field(e, ERR_FORMAT, S("from"), "name@domain");
    if (m->bounces.len && !smtp_address_ok(m->bounces)) return err_field(e, ERR_FORMAT, S("bounces"), "name@domain");
    if (!smtp_address_ok(m->to)) return err_field(e, ERR_FORMAT, S("to"), "name@domain");
    if (!str_utf8_valid(m->subject) || m->subject.len > 500) return err_field(e, ERR_FORMAT, S("subject"), "UTF-8");
    if (!str_utf8_valid(m->body) || m->body.len > MESSAGE_BYTES_MAX / 2)
        return err_field(e, ERR_FORMAT, S("body"), "UTF-8");
    if (!id_ok(m->id)) return err_field(e, ERR_FORMAT, S("id"), "a-z 0-9 -");
    return 0;
}

/* ---- the message ---- */

static void add_base64(struct buf *b, struct str s, size_t line_bytes) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t column = 0;
    for (size_t i = 0; i < s.len; i += 3) {
        size_t n = s.len - i < 3 ? s.len - i : 3;
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++) v = v << 8 | (k < n ? (unsigned char)s.ptr[i + k] : 0);
        char four[4] = { digit[v >> 18], digit[v >> 12 & 63], n > 1 ? digit[v >> 6 & 63] : '=',
                         n > 2 ? digit[v & 63] : '=' };
        buf_add(b, str_make(four, 4));
        column += 4;
        if (line_bytes && column >= line_bytes && i + 3 < s.len) buf_add(b, S("\r\n")), column = 0;
    }
}

/* RFC 2047 section 2: words of at most 75 characters, each of whole code points, joined by folding. */
static void add_subject(struct buf *b, struct str s) {
    size_t from = 0, at = 0;
    do {
        size_t next = at;
        if (at < s.len) (void)str_utf8_next(s, &next);
        if (next - from > 45 || at == s.len) {
            buf_add(b, from ? S("\r\n =?UTF-8?B?") : S("=?UTF-8?B?"));
            add_base64(b, str_sub(s, from, at - from), 0);
            buf_add(b, S("?="));
            from = at;
        }
        if (at == s.len) break;
        at = next;
    } while (true);
    buf_add(b, S("\r\n"));
}

static void add_date(struct buf *b, int64_t date_ms) {
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(date_ms / 1000);
    struct tm t = { 0 };
    (void)gmtime_r(&seconds, &t);
    buf_add_fmt(b, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000\r\n", days + 3 * t.tm_wday,
                t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

struct str smtp_message(struct arena *a, const struct smtp_mail *m) {
    struct buf b;
    buf_init(&b, a, m->body.len * 3 / 2 + 1024, MESSAGE_BYTES_MAX);
    buf_add_fmt(&b, "From: <%.*s>\r\nTo: <%.*s>\r\nSubject: ", STR_ARG(m->from), STR_ARG(m->to));
    add_subject(&b, m->subject);
    add_date(&b, m->date_ms);
    size_t at = str_find_char(m->from, '@', 0);
    buf_add_fmt(&b, "Message-ID: <%.*s%.*s>\r\n", STR_ARG(m->id), STR_ARG(str_sub(m->from, at, m->from.len)));
    buf_add(&b, S("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
                  "Auto-Submitted: auto-generated\r\n\r\n")); /* RFC 3834: no automatic answers, please */
    add_base64(&b, m->body, 76);
    buf_add(&b, S("\r\n"));
    return buf_ok(&b) ? buf_str(&b) : S("");
}

/* ---- sending ---- */

struct source {
    struct str left;
};

static size_t read_message(char *to, size_t size, size_t n, void *arg) {
    struct source *s = arg;
    size_t len = size * n < s->left.len ? size * n : s->left.len;
    if (len) memcpy(to, s->left.ptr, len);
    s->left = str_sub(s->left, len, s->left.len);
    return len;
}

/* Keeps the last line the server said, but a refusal before the "bye" that answers our leaving. */
static size_t hear(char *from, size_t size, size_t n, void *arg) {
    struct buf *line = arg;
    if (line->len && (line->ptr[0] == '4' || line->ptr[0] == '5')) return size * n;
    buf_clear(line);
    for (size_t i = 0; i < size * n && i < 200; i++)
        if (from[i] >= ' ' && from[i] < 0x7f) buf_add_char(line, from[i]);
    return size * n;
}

static bool loopback(struct str host) {
    return str_eq(host, S("localhost")) || str_eq(host, S("[::1]")) || str_starts(host, S("127."));
}

/* "host:port:address,address" for libcurl, whose own lookup cannot be given up: it waits for its end.
 * NULL: the server is written in digits. ERR_PEER, ERR_MEMORY. */
static int look_up(const struct curl_lib *curl, struct arena *a, const struct smtp_mail *m, struct curl_slist **ret,
                   struct err *e) {
    struct str host, port;
    struct resolve_answer found;
    struct buf b;
    *ret = NULL;
    (void)smtp_server(m->server, &host, &port); /* checked before */
    char *name = arena_cstr(a, host), *service = arena_cstr(a, port);
    if (!name || !service) return err_set(e, ERR_MEMORY, "%s", a->name);
    if (host.ptr[0] == '[') return 0;
    int rc = resolve_name(name, service, m->timeout_ms < LOOKUP_MS_MAX ? m->timeout_ms : LOOKUP_MS_MAX, &found, e);
    if (rc) return rc;
    buf_init(&b, a, 256, 1024);
    buf_add_fmt(&b, "%s:%s:", name, service);
    for (size_t i = 0; i < found.n; i++) {
        if (i) buf_add_char(&b, ',');
        buf_add(&b, resolve_digits(a, &found.address[i]));
    }
    char *line = buf_ok(&b) ? arena_cstr(a, buf_str(&b)) : NULL;
    *ret = line ? curl->slist_append(NULL, line) : NULL;
    return *ret ? 0 : err_set(e, ERR_MEMORY, "libcurl");
}

static bool configure(const struct curl_lib *curl, CURL *c, struct arena *a, const struct smtp_mail *m,
                      struct curl_slist *to, struct source *s, struct buf *line) {
    struct str host, port;
    (void)smtp_server(m->server, &host, &port); /* checked before */
    bool in_clear = loopback(host) && str_starts(m->server, S("smtp://"));
    char *url = arena_cstr(a, m->server), *from = arena_cstr(a, ARENA_CAT(a, S("<"), m->bounces.len ? m->bounces : m->from, S(">")));
    char *user = arena_cstr(a, m->user), *password = arena_cstr(a, m->password);
    if (!url || !from || !user || !password) return false;
    bool ok = curl->easy_setopt(c, CURLOPT_URL, url) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_USE_SSL, (long)(in_clear ? CURLUSESSL_NONE : CURLUSESSL_ALL)) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
    if (m->user.len) ok &= curl->easy_setopt(c, CURLOPT_USERNAME, user) == CURLE_OK;
    if (m->user.len) ok &= curl->easy_setopt(c, CURLOPT_PASSWORD, password) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK; /* no variable of the environment leads elsewhere */
    ok &= curl->easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)m->timeout_ms) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_MAIL_FROM, from) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_MAIL_RCPT, to) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_UPLOAD, 1L) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_READFUNCTION, read_message) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_READDATA, s) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_HEADERFUNCTION, hear) == CURLE_OK;
    ok &= curl->easy_setopt(c, CURLOPT_HEADERDATA, line) == CURLE_OK;
    return ok;
}

static enum smtp_outcome outcome_of(const struct curl_lib *curl, CURL *c, CURLcode r) {
    long said = 0;
    if (r == CURLE_OK) return SMTP_DELIVERED;
    (void)curl->easy_getinfo(c, CURLINFO_RESPONSE_CODE, &said);
    bool about_us = r == CURLE_LOGIN_DENIED || r == CURLE_WEIRD_SERVER_REPLY || r == CURLE_USE_SSL_FAILED;
    return said >= 500 && said < 600 && !about_us ? SMTP_REFUSED : SMTP_RETRY;
}

static int send_to(const struct curl_lib *curl, struct arena *a, const struct smtp_mail *m, struct curl_slist *at,
                   enum smtp_outcome *ret, struct str *reply, struct err *e) {
    struct buf line;
    struct source s = { smtp_message(a, m) };
    char *address = arena_cstr(a, ARENA_CAT(a, S("<"), m->to, S(">")));
    buf_init(&line, a, 256, 256);
    if (!s.left.len || !address) return err_set(e, ERR_MEMORY, "%s", a->name);
    struct curl_slist *to = curl->slist_append(NULL, address);
    CURL *c = curl->easy_init();
    if (!to || !c || !configure(curl, c, a, m, to, &s, &line) ||
        (at && curl->easy_setopt(c, CURLOPT_RESOLVE, at) != CURLE_OK)) {
        curl->slist_free_all(to);
        curl->easy_cleanup(c);
        return err_set(e, ERR_MEMORY, "libcurl");
    }
    CURLcode r = curl->easy_perform(c);
    *ret = outcome_of(curl, c, r);
    *reply = buf_str(&line).len ? buf_str(&line) : arena_str(a, str_of(curl->easy_strerror(r)));
    curl->easy_cleanup(c);
    curl->slist_free_all(to);
    return 0;
}

int smtp_send(struct arena *a, const struct smtp_mail *m, enum smtp_outcome *ret, struct str *reply, struct err *e) {
    struct curl_lib curl;
    struct curl_slist *at;
    int rc = check(m, e);
    if (!rc) rc = load(&curl, e);
    if (rc) return rc;
    rc = look_up(&curl, a, m, &at, e);
    if (rc == ERR_PEER) { /* no such name now, or nobody who knows it: as where nobody answers */
        *ret = SMTP_RETRY;
        *reply = arena_str(a, str_of(e->detail));
        err_clear(e);
        return 0;
    }
    if (!rc) rc = send_to(&curl, a, m, at, ret, reply, e);
    curl.slist_free_all(at);
    return rc;
}
