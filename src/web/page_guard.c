/* page_guard: what a change must prove: that it comes from our own page in the same browser (OWASP ASVS 5.0, 3.5), and
 * under which key. Invariants: tokens are compared in constant time; a token is bound to one cookie value and dies with
 * it; the digest of a form covers all that was said, and who said it, but neither token nor key.
 */
#include "http/cookie.h"
#include "web/page_impl.h"

#include "os/os.h"

const char PAGE_SESSION_COOKIE[] = "session", PAGE_VISITOR_COOKIE[] = "visitor", PAGE_KEPT_COOKIE[] = "kept";

static const struct str csrf_field = S_INIT("_csrf"), key_field = S_INIT("_key");

bool guard_origin(const struct http_req *r) {
    struct str site = http_header(r, S("Sec-Fetch-Site")), origin = http_header(r, S("Origin"));
    if (site.len && !str_eq(site, S("same-origin")) && !str_eq(site, S("none"))) return false;
    if (origin.len == 0) return true;
    struct str scheme = r->secure ? S("https://") : S("http://");
    return str_starts(origin, scheme) && str_eq_nocase(str_sub(origin, scheme.len, origin.len), r->host);
}

/* What the token is bound to. */
static struct str binding(const struct page *p) {
    return p->session.len ? p->session : http_cookie(p->req, http_cookie_name(p->req, str_of(PAGE_VISITOR_COOKIE)));
}

static struct str token_of(struct page *p, struct str bound) {
    struct digest d;
    const struct str parts[] = { S("csrf\n"), p->session.len ? S("session\n") : S("visitor\n"), bound };
    mac(p->web->c.keys->suite, p->web->c.keys->token, parts, 3, &d);
    return crypto_base64url(p->req->arena, str_make((const char *)d.v, sizeof d.v));
}

static struct str random_hex(struct arena *a) {
    uint8_t bytes[16];
    struct buf b;
    os_random(bytes, sizeof bytes);
    buf_init(&b, a, 40, 40);
    buf_add_hex(&b, bytes, sizeof bytes);
    return buf_str(&b);
}

struct str guard_token(struct page *p) {
    struct str bound = binding(p);
    if (bound.len == 0) {
        bound = random_hex(p->req->arena);
        page_cookie(p, str_of(PAGE_VISITOR_COOKIE), bound, -1);
    }
    return token_of(p, bound);
}

static void add_part(struct buf *b, struct str s) {
    buf_add_u64(b, s.len);
    buf_add_char(b, ':');
    buf_add(b, s);
}

/* Of what was asked under the key; see the head. */
static bool digest_form(struct page *p) {
    const struct http_req *r = p->req;
    struct buf b;
    struct digest d;
    buf_init(&b, r->arena, 1024, 8 * 1024 * 1024);
    add_part(&b, p->session);
    add_part(&b, r->path);
    for (size_t i = 0; i < r->n_form; i++) {
        if (str_eq(r->form[i].name, csrf_field) || str_eq(r->form[i].name, key_field)) continue;
        add_part(&b, r->form[i].name);
        add_part(&b, r->form[i].value);
    }
    for (size_t i = 0; i < r->n_upload; i++) {
        add_part(&b, r->upload[i].field);
        add_part(&b, r->upload[i].file_name);
        buf_add_u64(&b, r->upload[i].size_bytes);
        add_part(&b, r->upload[i].bytes);
    }
    if (!buf_ok(&b)) return false;
    struct str all = buf_str(&b);
    hash_parts(p->web->c.keys->suite, &all, 1, &d);
    _Static_assert(sizeof p->job.digest == sizeof d.v, "one digest");
    for (size_t i = 0; i < sizeof d.v; i++) p->job.digest[i] = d.v[i];
    return true;
}

int guard_form(struct page *p, struct err *e) {
    struct str token = http_form(p->req, csrf_field), key = http_form(p->req, key_field), bound = binding(p);
    if (bound.len == 0 || !str_eq_secret(token, token_of(p, bound))) return err_set(e, ERR_CSRF, "%s", "");
    if (key.len == 0) return 0; /* nothing to repeat: a page without a key field says so */
    if (!str_hex_to_bytes(key, p->job.key, sizeof p->job.key)) return err_set(e, ERR_SYNTAX, "_key");
    if (!digest_form(p)) return err_set(e, ERR_MEMORY, "form");
    p->has_key = p->job.has_key = true;
    return 0;
}

void page_form(struct page *p, struct str action) {
    struct str key = random_hex(p->req->arena);
    struct val *form = val_map(p->a);
    const struct val *own = val_get(p->view, S("form"));
    for (size_t i = 0; own && i < val_count(own); i++)
        val_put(p->a, form, own->u.map.pair[i].key, own->u.map.pair[i].value);
    struct str token = guard_token(p);
    val_put_str(p->a, form, S("csrf"), token);
    val_put_str(p->a, form, S("key"), key);
    val_put_str(p->a, p->view, S("csrf"), token); /* for small forms inside a list, which find it by climbing */
    val_put_str(p->a, p->view, S("key"), key);
    if (action.len) val_put_str(p->a, form, S("action"), page_href(p, action));
    else if (!val_get(form, S("action"))) val_put_str(p->a, form, S("action"), page_href(p, p->req->path));
    val_put(p->a, p->view, S("form"), form);
    p->wants_form = false;
}

bool page_place(const struct page *p, struct str path, struct page_place *ret) {
    *ret = (struct page_place){ .req = { .method = HTTP_GET, .path = str_sub(path, 0, str_find_char(path, '?', 0)) } };
    ret->route = route_tree_find(p->web->tree, &ret->req).route;
    return ret->route != NULL;
}

struct str page_place_param(const struct page_place *at, struct str name) {
    return http_param(&at->req, name);
}
