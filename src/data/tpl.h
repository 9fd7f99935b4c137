/* tpl: Mustache templates, compiled once, rendered many times without allocation beyond the output buffer.
 * TPL_TEXT follows the Mustache specification to the letter.
 * TPL_PLAIN is the same for text that is no markup, a message or a paper: nothing is escaped, since nothing will unescape it.
 * TPL_HTML: a variable is escaped by the context it stands in (text, quoted attribute, URL attribute
 * href/src/action/formaction: only relative, http, https, mailto, tel; else replaced by "#"; after a literal
 * beginning of the URL a variable is percent-encoded,
 * "/" kept before the first ? or #; so a ready-made query goes into one variable with its path); {{{x}}} and {{&x}}
 * are a compile error; a VAL_HTML value is put out as it is, and only in text context. A variable inside <script>,
 * <style>, a tag name, an unquoted attribute or an event attribute (on*) is a compile error. `{{_ 文本 }}` is
 * translated at compile time through `texts`; {name} inside it becomes an escaped variable (in TPL_TEXT an unescaped
 * one). Where `texts` is given, the page is in another language than its Chinese source: in text, what is Chinese of a
 * variable is marked as such (write_html_foreign).
 * A section ends in the same place of the HTML where it began; within a tag its text begins with a blank:
 * <p{{#x}} class="y"{{/x}}>. A partial stands between tags, whole in itself. Standalone lines, partials, sections,
 * inverted sections, dotted names, comments, set delimiters as in the specification; "list.0" names an item, so that
 * {{#list.0}}<ul>{{/list.0}} asks whether a list has any (close it before {{#list}}, or the items will take what they
 * lack from item 0). Limits: depth of nesting 32, partial depth 16.
 */
#ifndef DATA_TPL_H
#define DATA_TPL_H
#include "base/buf.h"
#include "data/po.h"
#include "data/val.h"

enum tpl_mode { TPL_TEXT, TPL_HTML, TPL_PLAIN };
struct tpl;
/* Finds a partial's compiled template; NULL renders as nothing (the specification's rule). */
typedef const struct tpl *tpl_partial(void *context, struct str name);

/* `text` and `texts` must live as long as the template; so must `a`. ERR_SYNTAX with the line. `texts` may be NULL. */
int tpl_compile(struct arena *a, struct str name, struct str text, enum tpl_mode mode, const struct po *texts,
                struct tpl **ret, struct err *e);
/* Appends to `out`; a full buffer (buf_ok) ends the render. Bounded by the view and the template; safe from many
 * threads. */
void tpl_render(const struct tpl *t, const struct val *view, tpl_partial *partial, void *context, struct buf *out);
/* Every name that the template asks for, dotted as it is written, in `a`; the item itself (".") is none. `within`: how many sections
 * over values it stands in, whose own members it may mean. A partial is told by its name. */
typedef void tpl_name(void *context, struct str name, bool partial, unsigned within);
void tpl_names(const struct tpl *t, struct arena *a, tpl_name *see, void *context);
#endif
