/* xml_write: texts put into an XML document where they stand: what is not said anew keeps its bytes,
 * comments and line breaks too. For documents that xml_parse takes.
 */
#ifndef DATA_XML_WRITE_H
#define DATA_XML_WRITE_H
#include "base/arena.h"
#include "base/err.h"

/* Where a text stands: an attribute's value, or the characters of an element that has nothing else
 * below it (no element, comment or CDATA). In the order of the document. */
struct xml_spot {
    struct str element, attr; /* names as written; attr empty: the characters */
    struct str text;          /* as the parser gives it, entities replaced */
    size_t at, len;           /* bytes of the document, without the quotes */
    char quote;               /* '"' or '\''; 0: characters */
    uint32_t line;
};
enum { XML_SPOTS_MAX = 4000 };
/* ERR_SYNTAX for what no parser would have taken; ERR_LIMIT. */
int xml_spots(struct arena *a, struct str bytes, struct xml_spot **ret, size_t *n, struct err *e);
/* The document with `said[i]` at spot i; a text without pointer leaves it. Written with line breaks as
 * blanks in attributes. ERR_SYNTAX: it is no text that XML can hold. */
int xml_say(struct arena *a, struct str bytes, const struct xml_spot *spot, const struct str *said,
            size_t n, struct str *ret, struct err *e);
#endif
