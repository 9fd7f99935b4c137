/* notify_show: what leaves of a message, by mail and by SMS; and the same of a notice that nobody sent, for
 * who writes it. Invariant: one function makes what is shown and what is sent.
 */
#include "engine/notify/notify_impl.h"

struct notice_parts notice_parts(const struct notice_type *t) {
    return (struct notice_parts){ .id = t->id,
                                  .title = t->title,
                                  .text = t->text,
                                  .sms = t->sms,
                                  .channels = t->channels,
                                  .must = t->must };
}

void notify_body_in(struct arena *a, const struct val *body, struct str lang, struct val *into) {
    const struct val *pair = val_get(body, str_eq(lang, S("en")) ? S("en") : S("zh"));
    val_put_str(a, into, S("title"), val_text(val_item(pair, 0)));
    val_put_str(a, into, S("text"), val_text(val_item(pair, 1)));
    if (val_count(pair) > 2) val_put_str(a, into, S("sms"), val_text(val_item(pair, 2)));
}

/* UTF-16 code units: what an SMS counts. */
static size_t sms_units(struct str s) {
    size_t n = 0;
    for (size_t at = 0; at < s.len; n++)
        if (str_utf8_next(s, &at) > 0xffff) n++;
    return n;
}

static struct str read_on(struct arena *a, const struct realm *r, struct str lang,
                          const char *path) {
    struct val *args = val_map(a);
    val_put_str(a, args, S("url"), ARENA_CAT(a, r->base_url, S("/"), lang, str_of(path)));
    return po_fill(a, realm_text(r, lang, S("登录后查看：{url}")), args);
}

static struct str mail_part(struct arena *a, const struct realm *r, struct str lang,
                            const struct val *v) {
    return ARENA_CAT(a, val_get_str(v, S("text")), S("\n\n"),
                     read_on(a, r, lang, "/space/messages"), S("\n"));
}

struct str notify_mail_text(struct arena *a, const struct realm *r, struct str lang,
                            const struct val *mine, struct str second, const struct val *other) {
    return ARENA_CAT(a, mail_part(a, r, lang, mine), S("\n----------\n\n"),
                     val_get_str(other, S("title")), S("\n\n"), mail_part(a, r, second, other));
}

struct str notify_sms_text(struct arena *a, const struct realm *r, struct str lang,
                           const struct val *mine) {
    struct str brief = val_get_str(mine, S("sms")),
               text = brief.len ? brief : val_get_str(mine, S("text"));
    if (sms_units(text) <= NOTIFY_SMS_UNITS_MAX) return text;
    return ARENA_CAT(a, val_get_str(mine, S("title")), realm_text(r, lang, S("：")),
                     read_on(a, r, lang, ""));
}

int notify_show(struct arena *a, const struct realm *r, const struct system *m,
                const struct notice_type *t, struct str lang, const struct val *zh,
                const struct val *en, struct notify_shown *ret, struct err *e) {
    const bool english = str_eq(lang, S("en"));
    struct val *body, *other_body, *mine = val_map(a), *other = val_map(a);
    struct str second = english ? S("zh") : S("en");
    int rc = notify_body(a, r, m, t, english ? en : zh, &body, e);
    if (!rc) rc = notify_body(a, r, m, t, english ? zh : en, &other_body, e);
    if (rc) return rc;
    notify_body_in(a, body, lang, mine);
    notify_body_in(a, other_body, second, other);
    *ret = (struct notify_shown){ .title = val_get_str(mine, S("title")),
                                  .text = val_get_str(mine, S("text")),
                                  .mail = notify_mail_text(a, r, lang, mine, second, other),
                                  .sms = notify_sms_text(a, r, lang, mine) };
    struct str own = val_get_str(mine, S("sms"));
    ret->brief = !str_eq(ret->sms, own.len ? own : ret->text);
    return 0;
}
