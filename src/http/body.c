/* body: a request's body as it streams in, to the parser that its Content-Type asks for; bytes beyond the route's limit
 * were refused before by Content-Length, and are refused again here. Invariant: after a fault the rest of the body is
 * read and dropped, so that the refusal is the one answer on the connection.
 */
#include "http/form.h"
#include "http/server.h"

void body_begin(struct request *r) {
    r->sink = SINK_NONE;
    if (r->length == 0) return;
    struct str type = http_header(&r->pub, S("Content-Type")),
               essence = str_trim(str_sub(type, 0, str_find_char(type, ';', 0)));
    r->sink = SINK_RAW;
    if (str_eq_nocase(essence, S("application/x-www-form-urlencoded"))) {
        r->sink = SINK_FORM;
    } else if (str_eq_nocase(essence, S("multipart/form-data"))) {
        r->sink = SINK_MULTIPART;
        r->multipart = multipart_new(&r->arena, type, &r->server->limits, r->server->config.upload_dir);
        if (!r->multipart) r->fault = arena_overflowed(&r->arena) ? 503 : 400;
        return;
    }
    buf_init(&r->body, &r->arena, r->length, r->length);
}

void body_feed(struct request *r, struct str piece) {
    if (r->fault) return;
    if (r->sink == SINK_MULTIPART) {
        r->fault = multipart_feed(r->multipart, piece);
        return;
    }
    buf_add(&r->body, piece);
    if (!buf_ok(&r->body)) r->fault = arena_overflowed(&r->arena) ? 503 : 413;
}

int body_end(struct request *r) {
    struct http_req *q = &r->pub;
    if (r->fault) return r->fault;
    if (r->sink == SINK_MULTIPART) return multipart_end(r->multipart, &q->form, &q->n_form, &q->upload, &q->n_upload);
    if (r->sink == SINK_NONE) return 0;
    if (r->sink == SINK_FORM)
        return http_form_parse(q->arena, buf_str(&r->body), &r->server->limits, true, &q->form, &q->n_form);
    q->body = buf_str(&r->body);
    return 0;
}

void body_done(struct request *r) {
    multipart_done(r->multipart);
    r->multipart = NULL;
}
