/* pdf_private: reading a PDF's skeleton, shared by pdf.c and pdf_read.c. Not for others. */
#ifndef DATA_PDF_PRIVATE_H
#define DATA_PDF_PRIVATE_H

#include "data/pdf.h"

struct pdf_file {
    struct str bytes;
    size_t *offset;     /* by object number; 0: free or absent */
    uint16_t *generation;
    size_t n_objects;   /* of the trailer's Size */
    size_t cap;         /* places in the two tables */
    size_t last_xref;   /* offset of the newest section */
    struct str trailer; /* the newest trailer dictionary, with << and >> */
};

struct pdf_ref {
    uint32_t number, generation;
};

/* Reads cross-reference sections newest first. ERR_FORMAT, ERR_LIMIT, ERR_MEMORY. */
int pdf_open(struct arena *a, struct str bytes, struct pdf_file *ret, struct err *e);
/* The object's value (between "N G obj" and what follows), or the empty str. */
struct str pdf_object(const struct pdf_file *f, uint32_t number);
/* The value of a key (with its slash) at the top level of a dictionary, or the empty str. */
struct str pdf_dict_find(struct str dict, struct str key);
bool pdf_is_ref(struct str value, struct pdf_ref *ret);
/* Visits the pairs of a dictionary: set *at to 0 first; false at the end or on damage. */
bool pdf_dict_next(struct str dict, size_t *at, struct str *key, struct str *value);
/* The i-th whole number of an array of numbers; false if there is none. */
bool pdf_array_u64(struct str array, size_t i, uint64_t *ret);

#endif
