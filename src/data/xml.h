/* xml: XML 1.0 with namespaces (libxml2) to a small tree. No DTD, no entities but the five, no network, no XInclude;
 * depth 64, 100,000 nodes, 4 MiB. Comments and processing instructions are dropped. Immutable; lives in its arena.
 */
#ifndef DATA_XML_H
#define DATA_XML_H
#include "base/arena.h"
#include "base/err.h"
struct xml_attr {
    struct str ns, name, value; /* ns is the namespace URI, empty if none */
};
struct xml_node {
    struct str ns, name;        /* element; name is the local name. A text node has an empty name and `text`. */
    struct str prefix;
    struct str text;            /* text node: its characters; element: all text below it, joined */
    struct xml_attr *attr;
    size_t n_attr;
    struct xml_node *parent, *first, *next;
    uint32_t line;
};
int xml_parse(struct arena *a, struct str file_name, struct str bytes, struct xml_node **ret_root, struct err *e);
/* First child element / next sibling element with that local name and namespace (empty str = any). NULL if none. */
const struct xml_node *xml_child(const struct xml_node *parent, struct str ns, struct str name);
const struct xml_node *xml_next(const struct xml_node *sibling, struct str ns, struct str name);
/* Attribute without namespace when ns is empty. Empty str with NULL pointer if absent. */
struct str xml_attr(const struct xml_node *n, struct str ns, struct str name);
#endif
