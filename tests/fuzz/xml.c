/* Fuzz target: XML. What parses is walked, and every text must be a slice that can be read; its texts where they stand
 * (xml_write) lie one behind the other, and said again as they are leave every byte. */
#include <stdlib.h>

#include "data/xml.h"
#include "data/xml_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    arena_init(&a, "fuzz", 64 * 1024 * 1024);
    struct xml_node *root = NULL;
    struct err e = { 0 };
    volatile uint64_t sum = 0;
    if (xml_parse(&a, S("fuzz"), str_make((const char *)data, size), &root, &e) == 0) {
        const struct xml_node *n = root;
        while (n) { /* depth first, without recursion */
            sum = sum + str_hash(n->text) + str_hash(n->name) + str_hash(n->ns);
            for (size_t i = 0; i < n->n_attr; i++) sum = sum + str_hash(xml_attr(n, n->attr[i].ns, n->attr[i].name));
            if (n->first) {
                n = n->first;
                continue;
            }
            while (n && !n->next) n = n->parent;
            if (n) n = n->next;
        }
    }
    struct str whole = str_make((const char *)data, size), same;
    struct xml_spot *spot;
    size_t n, end = 0;
    if (xml_spots(&a, whole, &spot, &n, &e) == 0) {
        struct str *said = arena_array(&a, n + 1, sizeof *said);
        for (size_t i = 0; i < n; i++) {
            if (spot[i].at < end || spot[i].at + spot[i].len > size) abort();
            end = spot[i].at + spot[i].len;
        }
        if (said && xml_say(&a, whole, spot, said, n, &same, &e) == 0 && !str_eq(same, whole)) abort();
    }
    arena_done(&a);
    return 0;
}
