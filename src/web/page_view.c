/* page_view: what leaves: templates and texts by language, assets by the hash of their content, redirects, the error
 * page. Invariants: every template compiles in every language before the server starts; a redirect stays on this site;
 * an asset's name changes with its content, so it may be kept for good.
 */
#include "http/cookie.h"
#include "web/page_impl.h"

#include "os/os.h"

enum { ASSET_HASH_BYTES = 8 };

/* ---- loading ---- */

static const struct po *texts_of(const struct web *w, struct str lang) {
    return str_eq(lang, S("en")) ? w->c.en : NULL;
}

static int load_template(struct web *w, struct str path, struct str bytes, struct err *e) {
    static const struct str langs[WEB_LANGS] = { S_INIT("zh"), S_INIT("en") };
    struct str name = str_sub(path, sizeof "src/web/" - 1, path.len - sizeof "src/web/" + 1 - (sizeof ".html" - 1));
    for (size_t i = 0; i < WEB_LANGS; i++) {
        struct tpl *t;
        int r = tpl_compile(w->arena, path, bytes, TPL_HTML, texts_of(w, langs[i]), &t, e);
        if (r) return r;
        bool ok = map_put(&w->tpl[i], name, t);
        if (str_starts(name, S("layout/")))
            ok = ok && map_put(&w->tpl[i], str_sub(name, sizeof "layout/" - 1, name.len), t);
        if (!ok) return err_set(e, ERR_MEMORY, "templates");
    }
    return 0;
}

static struct str media_type_of(struct str path) {
    if (str_ends(path, S(".css"))) return S("text/css; charset=utf-8");
    if (str_ends(path, S(".js"))) return S("text/javascript; charset=utf-8");
    if (str_ends(path, S(".svg"))) return S("image/svg+xml");
    return S("application/octet-stream");
}

/* assets/style.css -> style.css; /assets/style.HASH.css. Folders become part of the name. */
static int load_asset(struct web *w, struct str path, struct str bytes, struct err *e) {
    struct arena *a = w->arena;
    struct digest d;
    struct buf hex;
    struct web_asset_file *f = arena_new(a, struct web_asset_file);
    size_t dot = path.len;
    while (dot > 0 && path.ptr[dot - 1] != '.') dot--;
    struct str name = str_sub(path, sizeof "assets/" - 1, path.len), stem = str_sub(name, 0, dot - sizeof "assets/");
    hash(SUITE_INTL, bytes, &d);
    buf_init(&hex, a, 2 * ASSET_HASH_BYTES, 2 * ASSET_HASH_BYTES);
    buf_add_hex(&hex, d.v, ASSET_HASH_BYTES);
    if (!f) return err_set(e, ERR_MEMORY, "assets");
    f->url = ARENA_CAT(a, S("/assets/"), stem, S("."), buf_str(&hex), str_sub(path, dot - 1, path.len));
    f->etag = ARENA_CAT(a, S("\""), buf_str(&hex), S("\""));
    f->media_type = media_type_of(path);
    f->bytes = bytes;
    return map_put(&w->asset_by_url, f->url, f) && map_put(&w->asset_by_name, name, f)
               ? 0
               : err_set(e, ERR_MEMORY, "assets");
}

/* style.css.gz, behind style.css in the list: the same bytes, packed. */
static int load_packed(struct web *w, struct str path, struct str bytes, struct err *e) {
    struct str name = str_sub(path, 0, path.len - (sizeof ".gz" - 1));
    struct web_asset_file *f = map_find(&w->asset_by_name, name);
    if (!f) return err_set(e, ERR_NOT_FOUND, "an asset that is packed");
    f->packed = bytes;
    f->packed_etag = ARENA_CAT(w->arena, str_sub(f->etag, 0, f->etag.len - 1), S("-gzip\""));
    return f->packed_etag.len ? 0 : err_set(e, ERR_MEMORY, "assets");
}

int view_load(struct web *w, struct err *e) {
    for (size_t i = 0; i < WEB_LANGS; i++) map_init(&w->tpl[i], w->arena);
    map_init(&w->asset_by_url, w->arena);
    map_init(&w->asset_by_name, w->arena);
    for (size_t i = 0; i < w->c.n_files; i++) {
        const struct web_file *f = &w->c.files[i];
        int r = 0;
        if (str_starts(f->path, S("src/web/")) && str_ends(f->path, S(".html")))
            r = load_template(w, f->path, f->bytes, e);
        else if (str_starts(f->path, S("assets/"))) r = load_asset(w, f->path, f->bytes, e);
        else if (str_ends(f->path, S(".gz"))) r = load_packed(w, f->path, f->bytes, e);
        if (r) return r;
    }
    return 0;
}

int web_new(struct arena *a, const struct web_config *c, struct web **ret, struct err *e) {
    struct web *w = arena_new(a, struct web);
    if (!w) return err_set(e, ERR_MEMORY, "web");
    w->c = *c;
    w->arena = a;
    keep_init(w);
    int r = route_check(c->rows, c->n_rows, e);
    if (r == 0) r = route_tree_make(a, c->rows, c->n_rows, &w->tree, e);
    if (r == 0) r = view_load(w, e);
    if (r == 0) r = work_start(w, e);
    if (r == 0) *ret = w;
    return r;
}

void web_stop(struct web *w) {
    if (w) work_stop(w), keep_done(w);
}

struct str web_asset(const struct web *w, struct str name) {
    const struct web_asset_file *f = map_find(&w->asset_by_name, name);
    return f ? f->url : (struct str){ NULL, 0 };
}

/* RFC 9110, 12.5.3; a weight other than none is as good as any: there is nothing else to choose. */
static bool takes_gzip(const struct http_req *r) {
    struct str rest = http_header(r, S("Accept-Encoding")), one, name;
    while (str_cut(&rest, ',', &one)) {
        bool named = str_cut(&one, ';', &name) && str_eq_nocase(str_trim(name), S("gzip"));
        struct str weight = str_trim(one);
        if (named) return !str_eq(weight, S("q=0")) && !str_starts(weight, S("q=0.0"));
    }
    return false;
}

/* Pages are not packed: they hold what an answer is protected by beside what others may choose,
 * and the length of what is packed tells (BREACH). An asset is the same for everybody. */
bool view_asset(struct web *w, struct http_req *r) {
    const struct web_asset_file *f = map_find(&w->asset_by_url, r->path);
    if (!f || !(r->method & (HTTP_GET | HTTP_HEAD))) return false;
    bool packed = f->packed.len && takes_gzip(r);
    struct http_field header[] = { { S("ETag"), packed ? f->packed_etag : f->etag },
                                   { S("Cache-Control"), S("public, max-age=31536000, immutable") },
                                   { S("Vary"), S("Accept-Encoding") },
                                   { S("Content-Encoding"), S("gzip") } };
    struct http_reply reply = { .status = 200,
                                .media_type = f->media_type,
                                .body = packed ? f->packed : f->bytes,
                                .header = header,
                                .n_header = packed ? 4 : 3 };
    http_reply(r, &reply);
    return true;
}

/* ---- page ---- */

struct page *page_new(struct web *w, struct http_req *r) {
    struct page *p = arena_new(r->arena, struct page);
    if (!p) return NULL;
    p->req = r;
    p->a = r->arena;
    p->web = w;
    p->app = w->c.app;
    p->lang = S("zh");
    p->phase = PAGE_ACT;
    p->session = http_cookie(r, http_cookie_name(r, str_of(PAGE_SESSION_COOKIE)));
    struct str kept = http_cookie(r, http_cookie_name(r, str_of(PAGE_KEPT_COOKIE))), bytes;
    if (kept.len && crypto_base64url_decode(r->arena, kept, &bytes) && bytes.len == PAGE_KEPT_BYTES) {
        for (size_t i = 0; i < PAGE_KEPT_BYTES; i++) p->kept[i] = (uint8_t)bytes.ptr[i];
        p->has_kept = true;
    }
    r->user = p;
    return p;
}

/* The path's language, else the cookie's, else the browser's first. */
void page_read_lang(struct page *p, struct str from_path) {
    struct str cookie = http_cookie(p->req, http_cookie_name(p->req, S("lang")));
    struct str wish = http_header(p->req, S("Accept-Language"));
    struct str lang = from_path.len ? from_path : cookie.len ? cookie : str_sub(wish, 0, 2);
    p->lang = str_eq_nocase(lang, S("en")) ? S("en") : S("zh");
}

struct str page_text(const struct page *p, struct str chinese) {
    return po_get(texts_of(p->web, p->lang), S(""), chinese);
}

struct str page_said(struct page *p, struct str chinese) {
    const struct po *texts = texts_of(p->web, p->lang);
    return texts ? po_said(texts, p->a, chinese) : chinese;
}

struct str page_error_text(struct page *p, int code, struct str detail) {
    struct val *args = val_map(p->a);
    struct str shown = page_text(p, detail);
    /* A detail may be a system's word: the name of a material, of a page of its form. */
    if (str_eq(shown, detail) && detail.len && p->web->c.hooks.words) shown = p->web->c.hooks.words(p, detail);
    if (code == ERR_INPUT && shown.len) return shown; /* is a sentence by itself */
    val_put_str(p->a, args, S("detail"), shown);
    return po_fill(p->a, page_text(p, err_text(code)), args);
}

/* A box of a date (field_date.html) speaks for the date. */
static struct str whole_field(struct str field) {
    static const struct str boxes[] = { S_INIT("-year"), S_INIT("-month"), S_INIT("-day") };
    for (size_t i = 0; i < 3; i++)
        if (str_ends(field, boxes[i])) return str_sub(field, 0, field.len - boxes[i].len);
    return field;
}

int page_fault(struct page *p, struct str field, int code, struct str detail) {
    field = whole_field(field);
    for (size_t i = 0; i < p->n_faults; i++) /* what cannot be read is not judged further */
        if (p->fault[i].code == ERR_CHARACTERS && str_eq(p->fault[i].field, field)) return code;
    if (p->n_faults <
        PAGE_FAULTS_MAX) /* in the request's arena: a fault found in act is shown after the job's arena is reset */
        p->fault[p->n_faults++] = (struct page_fault){ arena_str(p->req->arena, field), code,
                                                       arena_str(p->req->arena, page_error_text(p, code, detail)) };
    return code;
}

struct str page_in(const struct page *p, struct str field) {
    return val_text(val_nth(val_get(p->in, field), 0));
}

void page_header(struct page *p, struct str name, struct str value) {
    if (p->n_header < PAGE_HEADERS_MAX && name.len && value.len)
        p->header[p->n_header++] = (struct http_field){ name, value };
}

const struct metrics *page_metrics(const struct page *p) {
    return p->web->c.metrics;
}

void page_cookie(struct page *p, struct str name, struct str value, int64_t max_age_s) {
    page_header(p, S("Set-Cookie"), http_cookie_set(p->req, name, value, max_age_s));
}

struct str page_href(struct page *p, struct str path) {
    if (str_starts(path, S("/zh/")) || str_starts(path, S("/en/")) || str_starts(path, S("/assets/")) ||
        str_eq(path, S("/zh")) || str_eq(path, S("/en")))
        return path;
    return ARENA_CAT(p->a, S("/"), p->lang, path);
}

void page_answer(struct page *p, struct http_reply *reply) {
    struct http_field all[PAGE_HEADERS_MAX * 2 + 1];
    size_t n = 0;
    for (size_t i = 0; i < reply->n_header && i < PAGE_HEADERS_MAX; i++) all[n++] = reply->header[i];
    for (size_t i = 0; i < p->n_header; i++) all[n++] = p->header[i];
    if (p->retry_s.len) all[n++] = (struct http_field){ S("Retry-After"), p->retry_s };
    struct http_reply full = *reply;
    full.header = all;
    full.n_header = n;
    if (p->web->c.metrics) metrics_count(p->web->c.metrics, p->route, reply->status, os_mono_ns() - p->req->start_ns);
    page_let(p); /* the reply is bytes */
    http_reply(p->req, &full);
}

void view_redirect(struct page *p) {
    struct str to = p->location;
    /* "//host" and "/\host" would leave the site. */
    bool ours = to.len && to.ptr[0] == '/' && (to.len == 1 || (to.ptr[1] != '/' && to.ptr[1] != '\\'));
    struct http_field location = { S("Location"), page_href(p, ours ? to : S("/")) };
    page_answer(p, &(struct http_reply){ .status = 303, .header = &location, .n_header = 1 });
}

/* ---- what every page's view holds ---- */

static void put_default(struct page *p, struct val *map, struct str key, struct str value) {
    if (value.len && !val_get(map, key)) val_put_str(p->a, map, key, value);
}

/* The same address in the other language. */
static struct str other_href(const struct page *p) {
    struct str target = p->req->target, other = str_eq(p->lang, S("zh")) ? S("en") : S("zh");
    bool has = str_starts(target, S("/zh")) || str_starts(target, S("/en"));
    if (p->req->method != HTTP_GET && p->req->method != HTTP_HEAD) target = p->req->path;
    struct str rest = has ? str_sub(target, 3, target.len) : target;
    return ARENA_CAT(p->a, S("/"), other, rest.len ? rest : S("/"));
}

static void put_page(struct page *p) {
    bool zh = str_eq(p->lang, S("zh"));
    struct val *own = val_map(p->a);
    const struct val *given = val_get(p->view, S("page"));
    for (size_t i = 0; i < val_count(given); i++)
        val_put(p->a, own, given->u.map.pair[i].key, given->u.map.pair[i].value);
    struct str theme = http_cookie(p->req, http_cookie_name(p->req, S("theme")));
    put_default(p, own, S("lang"), zh ? S("zh-CN") : S("en"));
    put_default(p, own, S("lang_href"), other_href(p));
    put_default(p, own, S("lang_title"), zh ? S("English") : S("中文"));
    put_default(p, own, S("lang_code"), zh ? S("en") : S("zh-CN"));
    put_default(p, own, S("site_href"), page_href(p, S("/")));
    put_default(p, own, S("css_href"), web_asset(p->web, S("style.css")));
    put_default(p, own, S("js_href"), web_asset(p->web, S("enhance.js")));
    if (str_eq(theme, S("dark")) || str_eq(theme, S("light"))) put_default(p, own, S("theme"), theme);
    if (str_eq(http_cookie(p->req, http_cookie_name(p->req, S("size"))), S("large")))
        val_put_bool(p->a, own, S("large"), true);
    val_put(p->a, p->view, S("page"), own);
}

void page_label(struct page *p, struct str field, struct str label) {
    struct val *labels = (struct val *)val_get(p->view, S("labels"));
    if (!labels) {
        labels = val_map(p->a);
        val_put(p->a, p->view, S("labels"), labels);
    }
    val_put_str(p->a, labels, field, label);
}

/* A sentence says which field it is about, unless it names it already: the same words in the summary and at the field (UX-12). */
static struct str fault_line(struct page *p, const struct page_fault *f) {
    struct str label = val_get_str(val_get(p->view, S("labels")), f->field);
    if (label.len == 0 || str_find(f->text, label, 0) != SIZE_MAX) return f->text;
    return ARENA_CAT(p->a, label, page_text(p, S("：")), f->text);
}

struct str page_fault_text(struct page *p, struct str field) {
    for (size_t i = 0; i < p->n_faults; i++)
        if (str_eq(p->fault[i].field, field)) return fault_line(p, &p->fault[i]);
    return S("");
}

static void put_faults(struct page *p) {
    struct val *list = val_list(p->a), *by_field = val_map(p->a);
    for (size_t i = 0; i < p->n_faults; i++) {
        const struct page_fault *f = &p->fault[i];
        struct val *one = val_map(p->a);
        val_put_str(p->a, one, S("href"), ARENA_CAT(p->a, S("#"), f->field));
        struct str text = fault_line(p, f);
        val_put_str(p->a, one, S("text"), text);
        val_push(p->a, list, one);
        if (!val_get(by_field, f->field)) val_put_str(p->a, by_field, f->field, text);
    }
    val_put(p->a, p->view, S("errors"), list);
    val_put(p->a, p->view, S("error"), by_field);
}

/* What happened, as a heading: by status, and where one status says too little, by code. Chinese source texts. */
static struct str title_of(int code) {
    const int status = err_status(code);
    static const struct {
        int status;
        struct str title;
    } titles[] = { { 400, S_INIT("请求有误") },   { 401, S_INIT("请先登录") },       { 403, S_INIT("没有权限") },
                   { 404, S_INIT("没有找到") },   { 405, S_INIT("不支持这种操作") }, { 409, S_INIT("现在不能办理") },
                   { 410, S_INIT("页面已撤下") }, { 413, S_INIT("内容太大") },       { 422, S_INIT("有内容需要修改") },
                   { 429, S_INIT("操作太频繁") }, { 500, S_INIT("程序出错") } };
    if (code == ERR_CSRF) return S("页面已过期");
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status) return titles[i].title;
    return status >= 500 ? S("暂时不能办理") : S("请求有误");
}

static bool takes_form(const struct page *p) {
    const struct web_config *c = &p->web->c;
    for (size_t i = 0; p->route && i < c->n_rows; i++)
        if (c->rows[i].method == HTTP_POST && str_eq(str_of(c->rows[i].path), str_of(p->route->path))) return true;
    return false;
}

/* Sentences stand in the table without their last full stop, since beside a field they need none; as a paragraph they have one. */
static struct str stopped(struct page *p, struct str s) {
    static const struct str ends[] = { S_INIT("。"), S_INIT("."), S_INIT("！"), S_INIT("!"), S_INIT("？"), S_INIT("?") };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(s, ends[i])) return s;
    return ARENA_CAT(p->a, s, page_text(p, S("。")));
}

static void put_problem(struct page *p) {
    struct val *problem = val_map(p->a);
    int code = p->err.code;
    val_put_str(p->a, problem, S("title"), page_text(p, title_of(code)));
    val_put_str(p->a, problem, S("text"), stopped(p, page_error_text(p, code, arena_str(p->a, str_of(p->err.detail)))));
    val_put_str(p->a, problem, S("code"), arena_str(p->a, str_of(err_name(code))));
    val_put_str(p->a, problem, S("request_id"), str_of(p->req->id));
    bool back = code == ERR_LIMIT && takes_form(p) && !p->again; /* a body that was not read: the page it was sent from stands */
    val_put_str(p->a, problem, S("href"), page_href(p, back ? p->req->path : S("/")));
    val_put_str(p->a, problem, S("link"), page_text(p, back ? S("回到刚才的页面") : S("回到首页")));
    val_put(p->a, p->view, S("problem"), problem);
}

/* ---- rendering ---- */

static const struct tpl *partial(void *context, struct str name) {
    return map_find(context, name);
}

bool view_render(struct page *p, struct str name, struct str *ret) {
    struct map *all = &p->web->tpl[str_eq(p->lang, S("en"))];
    const struct tpl *t = map_find(all, name);
    struct buf b;
    if (!t) return false;
    buf_init(&b, p->a, 12 * 1024, PAGE_BYTES_MAX);
    tpl_render(t, p->view, partial, all, &b);
    *ret = buf_str(&b);
    return buf_ok(&b) && !arena_overflowed(p->a);
}

void view_reply(struct page *p) {
    struct str html;
    p->a = p->req->arena;
    if (takes_form(p) && !val_get(val_get(p->view, S("form")), S("csrf"))) page_form(p, S(""));
    if (p->in && !val_get(p->view, S("in"))) val_put(p->a, p->view, S("in"), p->in);
    if (p->n_faults) put_faults(p);
    else if (p->err.code) put_problem(p);
    if (p->web->c.hooks.view) p->web->c.hooks.view(p);
    put_page(p);
    if (!view_render(p, p->template, &html)) {
        (void)err_set(&p->err, ERR_DEFECT, "template %.*s", STR_ARG(p->template));
        view_error(p);
        return;
    }
    page_answer(p, &(struct http_reply){ .status = p->status ? p->status : 200,
                                         .media_type = S("text/html; charset=utf-8"),
                                         .body = html });
}

/* Without any template: what is left when a template is what failed. */
static struct str plain(struct page *p) {
    struct buf b;
    const struct val *problem = val_get(p->view, S("problem"));
    buf_init(&b, p->a, 2048, 65536);
    buf_add(&b, S("<!DOCTYPE html><html lang=\""));
    buf_add(&b, str_eq(p->lang, S("en")) ? S("en") : S("zh-CN"));
    buf_add(&b, S("\"><meta charset=\"utf-8\"><title>"));
    write_html_text(&b, val_get_str(problem, S("title")));
    buf_add(&b, S("</title><main><h1>"));
    write_html_text(&b, val_get_str(problem, S("title")));
    buf_add(&b, S("</h1><p>"));
    write_html_text(&b, val_get_str(problem, S("text")));
    buf_add(&b, S("</p><p><a href=\""));
    write_html_attr(&b, val_get_str(problem, S("href")));
    buf_add(&b, S("\">"));
    write_html_text(&b, val_get_str(problem, S("link")));
    buf_add(&b, S("</a></p><p>"));
    write_html_text(&b, val_get_str(problem, S("code")));
    buf_add_fmt(&b, " %s</p></main></html>\n", p->req->id);
    return buf_str(&b);
}

/* A form that failed through no fault of the person's, on a page that cannot be made now either: what was sent is carried along, with
 * its key, to be sent once more. Not where it may have been done (ERR_UNKNOWN), and no password. */
static void put_sent(struct page *p) {
    const struct http_req *r = p->req;
    bool world = err_kind(p->err.code) == ERR_KIND_WORLD && p->err.code != ERR_UNKNOWN;
    if (!world || r->method != HTTP_POST || !p->route || p->route->rate == ROUTE_RATE_LOGIN || p->route->rate == ROUTE_RATE_UPLOAD) return;
    struct val *again = val_map(p->a), *fields = val_list(p->a);
    for (size_t i = 0; i < r->n_form; i++) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("name"), r->form[i].name);
        val_put_str(p->a, v, S("value"), r->form[i].value);
        val_push(p->a, fields, v);
    }
    val_put_str(p->a, again, S("action"), page_href(p, r->path));
    val_put(p->a, again, S("fields"), fields);
    val_put(p->a, (struct val *)val_get(p->view, S("problem")), S("again"), again);
}

static struct str error_html(struct page *p) {
    struct str html;
    p->a = p->req->arena;
    p->view = val_map(p->a);
    put_problem(p);
    put_sent(p);
    if (p->web->c.hooks.view) p->web->c.hooks.view(p); /* also where no row was found: the frame is the way out */
    struct val *page = val_map(p->a);
    for (size_t i = 0; i < val_count(val_get(p->view, S("page"))); i++) {
        const struct val_pair *pair = &val_get(p->view, S("page"))->u.map.pair[i];
        val_put(p->a, page, pair->key, pair->value);
    }
    val_put_str(p->a, page, S("title"), val_get_str(val_get(p->view, S("problem")), S("title")));
    val_put_bool(p->a, page, S("robots"), true);
    val_put(p->a, p->view, S("page"), page);
    put_page(p);
    return view_render(p, S("error"), &html) ? html : plain(p);
}

void view_error(struct page *p) {
    if (!p->err.code) (void)err_set(&p->err, arena_overflowed(p->req->arena) ? ERR_MEMORY : ERR_DEFECT, "%s", "say");
    struct str html = error_html(p);
    page_answer(p, &(struct http_reply){
                       .status = err_status(p->err.code), .media_type = S("text/html; charset=utf-8"), .body = html });
}

static struct str limit_of(struct page *p) {
    struct str said = p->web->c.hooks.limit ? p->web->c.hooks.limit(p) : S("");
    if (said.len) return said;
    size_t most = p->route->body_bytes_max;
    return most >> 20 ? arena_fmt(p->a, "%zu MB", most >> 20) : arena_fmt(p->a, "%zu KB", most >> 10);
}

void web_refusal(struct http_req *r, int status, struct http_reply *reply, void *context) {
    static const struct {
        int status, code;
    } known[] = { { 404, ERR_NOT_FOUND }, { 405, ERR_METHOD }, { 413, ERR_LIMIT }, { 414, ERR_LIMIT },
                  { 431, ERR_LIMIT },     { 501, ERR_METHOD }, { 503, ERR_BUSY },  { 507, ERR_SPACE } };
    struct page *p = r->user ? r->user : page_new(context, r);
    if (!p) return;
    bool mine = !p->held;
    page_hold(p);
    int code = ERR_SYNTAX;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].status == status) code = known[i].code;
    struct str detail = page_text(p, S("请求的格式"));
    if (status == 413 && p->route) detail = limit_of(p);
    if (!p->route) page_read_lang(p, str_starts(r->target, S("/en/")) ? S("en") : (struct str){ NULL, 0 });
    (void)err_set(&p->err, code, "%.*s", STR_ARG(detail));
    reply->body = error_html(p);
    reply->media_type = S("text/html; charset=utf-8");
    if (mine) page_let(p);
}
