/* tpl_html: follows the literal parts of an HTML template, so that each variable's place is known when it is
 * compiled.
 *
 * Invariants
 *  1. It is stricter than a browser: whatever browsers repair in their own ways (a lone <, an unclosed quote, =
 *     without a name) is an error, so that we never believe in another place than the browser does.
 *  2. A section may be left out or repeated: it ends in the place where it began, or it is an error. Within a tag
 *     both ends are PLACE_JOINT, after which only a blank, / or > may follow.
 *  3. In a URL the weakest knowledge wins: where one way leads to "nothing literal yet", the scheme is checked.
 */
#include "data/tpl_op.h"

#include <string.h>

enum state {
    PLACE_DATA,
    PLACE_TAG_OPEN,
    PLACE_TAG_NAME,
    PLACE_JOINT,
    PLACE_BEFORE_ATTR,
    PLACE_ATTR_NAME,
    PLACE_AFTER_ATTR_NAME,
    PLACE_BEFORE_VALUE,
    PLACE_DOUBLE,
    PLACE_SINGLE,
    PLACE_UNQUOTED,
    PLACE_MARKUP,
    PLACE_MARKUP_DASH,
    PLACE_COMMENT,
    PLACE_DOCTYPE,
    PLACE_RCDATA,
    PLACE_RAWTEXT
};
enum attr { ATTR_PLAIN, ATTR_URL, ATTR_NEVER };
enum url { URL_START, URL_PATH, URL_QUERY };

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool add_name(char *name, size_t size, char c) {
    size_t n = strlen(name);
    if (n + 1 < size) name[n] = lower(c), name[n + 1] = 0;
    return true;
}

static bool listed(const char *name, const char *const *list) {
    for (; *list; list++)
        if (strcmp(name, *list) == 0) return true;
    return false;
}

static uint8_t attr_kind(const char *name) {
    static const char *const urls[] = { "href", "src",        "action",   "formaction", "poster",     "cite", "ping",
                                        "data", "background", "manifest", "longdesc",   "xlink:href", NULL };
    static const char *const never[] = { "style", "srcdoc", "srcset", "imagesrcset", NULL };
    if (strncmp(name, "on", 2) == 0 || listed(name, never)) return ATTR_NEVER;
    return listed(name, urls) ? ATTR_URL : ATTR_PLAIN;
}

/* The > of a tag. */
static const char *tag_end(struct tpl_place *p) {
    static const char *const raw[] = { "script", "style", NULL };
    static const char *const rcdata[] = { "title", "textarea", NULL };
    static const char *const refused[] = { "xmp", "plaintext", "noembed", "noframes", NULL };
    p->match = 0;
    p->state = PLACE_DATA;
    if (p->closing) return NULL;
    if (listed(p->element, refused)) return "不允许使用这个元素";
    if (listed(p->element, raw)) p->state = PLACE_RAWTEXT;
    if (listed(p->element, rcdata)) p->state = PLACE_RCDATA;
    return NULL;
}

static const char *in_tag(struct tpl_place *p, char c) {
    if (is_blank(c)) p->state = p->state == PLACE_ATTR_NAME || p->state == PLACE_AFTER_ATTR_NAME ? PLACE_AFTER_ATTR_NAME
                                                                                                 : PLACE_BEFORE_ATTR;
    else if (c == '/') p->state = PLACE_BEFORE_ATTR;
    else if (c == '>') return tag_end(p);
    else if (p->state == PLACE_JOINT) return "属性之间须有空格（区块里的属性以空格开头）";
    else if (c == '"' || c == '\'' || c == '<') return "标签里多出了引号或 <";
    else if (c == '=') {
        if (p->state != PLACE_ATTR_NAME && p->state != PLACE_AFTER_ATTR_NAME) return "= 之前缺少属性名";
        p->state = PLACE_BEFORE_VALUE;
        p->attr = attr_kind(p->name);
        p->url = URL_START;
    } else {
        if (p->state != PLACE_ATTR_NAME) p->name[0] = 0;
        p->state = PLACE_ATTR_NAME;
        (void)add_name(p->name, sizeof p->name, c);
    }
    return NULL;
}

static const char *tag_open(struct tpl_place *p, char c) {
    if (is_letter(c)) {
        p->state = PLACE_TAG_NAME;
        p->element[0] = 0;
        (void)add_name(p->element, sizeof p->element, c);
    } else if (c == '/' && !p->closing) p->closing = true;
    else if (c == '!' && !p->closing) p->state = PLACE_MARKUP;
    else return "单独的 < 须写成 &lt;";
    return NULL;
}

static const char *tag_name(struct tpl_place *p, char c) {
    if (is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == ':') {
        (void)add_name(p->element, sizeof p->element, c);
        return NULL;
    }
    if (!is_blank(c) && c != '/' && c != '>') return "标签名里有不允许的字符";
    return in_tag(p, c);
}

static const char *before_value(struct tpl_place *p, char c) {
    if (is_blank(c)) return NULL;
    if (c == '>') return "= 之后缺少属性值";
    p->state = c == '"' ? PLACE_DOUBLE : c == '\'' ? PLACE_SINGLE : PLACE_UNQUOTED;
    return NULL;
}

static const char *unquoted(struct tpl_place *p, char c) {
    if (is_blank(c)) p->state = PLACE_BEFORE_ATTR;
    else if (c == '>') return tag_end(p);
    else if (strchr("\"'<=`", c)) return "没有引号的属性值里有不允许的字符";
    return NULL;
}

static void in_value(struct tpl_place *p, char c, char quote) {
    if (c == quote) p->state = PLACE_JOINT;
    else if (c == '?' || c == '#') p->url = URL_QUERY;
    else if (p->url == URL_START) p->url = URL_PATH;
}

/* `match` counts dashes here. "<!-->" ends at once, as in browsers, so a comment begins with two. */
static const char *markup(struct tpl_place *p, char c) {
    switch (p->state) {
    case PLACE_MARKUP:
        if (c != '-' && lower(c) != 'd') return "<! 之后只能是注释或 DOCTYPE";
        p->state = c == '-' ? PLACE_MARKUP_DASH : PLACE_DOCTYPE;
        return NULL;
    case PLACE_MARKUP_DASH:
        if (c != '-') return "注释须以 <!-- 开头";
        p->state = PLACE_COMMENT;
        p->match = 2;
        return NULL;
    case PLACE_DOCTYPE:
        if (c == '>') p->state = PLACE_DATA;
        return NULL;
    default: break;
    }
    if (c == '>' && p->match >= 2) p->state = PLACE_DATA;
    else if (c == '!' && p->match >= 2) return "注释里不能有 --!";
    p->match = c == '-' ? (uint8_t)(p->match < 2 ? p->match + 1 : 2) : 0;
    return NULL;
}

/* Text of script, style, title, textarea: waits for its own end tag. `match` counts the characters of "</name" seen. */
static void raw_text(struct tpl_place *p, char c) {
    size_t n = p->match;
    char want = n == 0 ? '<' : n == 1 ? '/' : p->element[n - 2];
    if (lower(c) == want) p->match++;
    else p->match = c == '<' ? 1 : 0;
    if (p->match < 2 || p->element[p->match - 2] != 0) return;
    p->state = PLACE_JOINT;
    p->closing = true;
}

static const char *feed(struct tpl_place *p, char c) {
    switch ((enum state)p->state) {
    case PLACE_DATA: /* `match`: is there text behind the last tag? */
        p->match = 1;
        if (c == '<') p->state = PLACE_TAG_OPEN, p->closing = false;
        return NULL;
    case PLACE_TAG_OPEN: return tag_open(p, c);
    case PLACE_TAG_NAME: return tag_name(p, c);
    case PLACE_JOINT:
    case PLACE_BEFORE_ATTR:
    case PLACE_ATTR_NAME:
    case PLACE_AFTER_ATTR_NAME: return in_tag(p, c);
    case PLACE_BEFORE_VALUE: return before_value(p, c);
    case PLACE_DOUBLE: in_value(p, c, '"'); return NULL;
    case PLACE_SINGLE: in_value(p, c, '\''); return NULL;
    case PLACE_UNQUOTED: return unquoted(p, c);
    case PLACE_MARKUP:
    case PLACE_MARKUP_DASH:
    case PLACE_COMMENT:
    case PLACE_DOCTYPE: return markup(p, c);
    case PLACE_RCDATA:
    case PLACE_RAWTEXT: raw_text(p, c); return NULL;
    }
    return NULL;
}

const char *tpl_place_literal(struct tpl_place *p, struct str text) {
    const char *why = NULL;
    for (size_t i = 0; i < text.len && !why; i++) why = feed(p, text.ptr[i]);
    return why;
}

const char *tpl_place_variable(const struct tpl_place *p, enum tpl_esc *ret) {
    switch ((enum state)p->state) {
    case PLACE_DATA: *ret = ESC_TEXT; return NULL;
    case PLACE_RCDATA: *ret = ESC_ATTR; return p->match ? "单独的 < 须写成 &lt;" : NULL;
    case PLACE_DOUBLE:
    case PLACE_SINGLE:
        if (p->attr == ATTR_NEVER) return "变量不能放在事件、style、srcdoc 或 srcset 属性里";
        *ret = ESC_ATTR;
        if (p->attr == ATTR_URL)
            *ret = p->url == URL_START ? ESC_URL_START : p->url == URL_PATH ? ESC_URL_PATH : ESC_URL_QUERY;
        return NULL;
    case PLACE_BEFORE_VALUE:
    case PLACE_UNQUOTED: return "变量须写在引号里";
    case PLACE_RAWTEXT: return "变量不能放在 script 或 style 里";
    default: return "变量不能放在标签名、属性名或注释里";
    }
}

static bool is_in_tag(const struct tpl_place *p) {
    return p->state >= PLACE_TAG_NAME && p->state <= PLACE_AFTER_ATTR_NAME;
}

const char *tpl_place_open(struct tpl_place *p) {
    if (is_in_tag(p)) p->state = PLACE_JOINT;
    bool fine = p->state == PLACE_DATA || p->state == PLACE_JOINT || p->state == PLACE_DOUBLE ||
                p->state == PLACE_SINGLE || (p->state == PLACE_RCDATA && p->match == 0);
    return fine ? NULL : "区块不能从这里开始";
}

const char *tpl_place_close(const struct tpl_place *start, struct tpl_place *p) {
    static const char unequal[] = "区块的结尾须与开头在同一位置（标签、引号成对）";
    if (is_in_tag(p)) p->state = PLACE_JOINT;
    if (p->state != start->state) return unequal;
    if (p->state == PLACE_RCDATA && p->match) return unequal;
    if (p->state != PLACE_DATA && strcmp(p->element, start->element) != 0) return unequal;
    if (p->state == PLACE_JOINT && p->closing != start->closing) return unequal;
    if (p->state != PLACE_DOUBLE && p->state != PLACE_SINGLE) return NULL;
    if (p->attr != start->attr) return unequal;
    if (p->url != start->url) p->url = p->url == URL_START || start->url == URL_START ? URL_START : URL_QUERY;
    return NULL;
}

const char *tpl_place_partial(const struct tpl_place *p) {
    return p->state == PLACE_DATA ? NULL : "这里须在标签之外（标签、引号、注释须先结束）";
}

bool tpl_place_begins_option(const struct tpl_place *p) {
    return p->state == PLACE_DATA && !p->closing && !p->match && strcmp(p->element, "option") == 0;
}

bool tpl_place_takes_elements(const struct tpl_place *p) {
    return p->state == PLACE_DATA && (p->closing || strcmp(p->element, "option") != 0);
}

bool tpl_place_is_url(const struct tpl_place *p) {
    return (p->state == PLACE_DOUBLE || p->state == PLACE_SINGLE) && p->attr == ATTR_URL;
}
