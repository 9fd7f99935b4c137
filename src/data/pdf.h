/* pdf: our own incremental writer over a finished PDF (ISO 32000-1 section 7.5.6): what was there stays byte
 * for byte, changed objects and a new cross-reference section are appended. It adds what cairo cannot say
 * (document language, XMP metadata, alternative texts) and a signature field with a hole for a CMS signature
 * (section 12.8, PAdES: ETSI EN 319 142-1).
 *
 * It reads PDFs with cross-reference tables only (version 1.4 and older, as the press makes them); a file
 * with cross-reference streams, encryption or a damaged table is refused with ERR_FORMAT, never guessed at.
 *
 * Invariants
 *  1. No read passes the file's end; nesting, objects and chained sections are limited.
 *  2. A prepared file differs from the signed one in the hole only; its range covers every byte but the hole.
 */
#ifndef DATA_PDF_H
#define DATA_PDF_H

#include "base/arena.h"
#include "base/err.h"

enum { PDF_BYTES_MAX = 32 * 1024 * 1024, PDF_OBJECTS_MAX = 100000, PDF_SECTIONS_MAX = 16, PDF_DEPTH_MAX = 32,
       PDF_SIGNATURE_BYTES_MAX = 12288 };

struct pdf_meta {
    struct str title, lang, creator;
    struct str made;       /* ISO 8601 with offset: 2026-11-21T15:40:00+08:00 or ...Z */
    const struct str *alt; /* alternative texts of the Figure elements, in order of their object numbers */
    size_t n_alt;
};

/* Adds /Lang, /Metadata (XMP), document information, title in the window's bar and the figures' /Alt. `ret`
 * is in `a`. ERR_FORMAT (not a PDF we can continue; more figures than texts), ERR_LIMIT, ERR_MEMORY. */
int pdf_describe(struct arena *a, struct str pdf, const struct pdf_meta *meta, struct str *ret, struct err *e);

struct pdf_signature {
    struct str name, reason, location; /* UTF-8 */
    struct str made;                   /* ISO 8601 with offset; the claimed time of signing */
};

/* A PDF with a signature field, its /Contents still zeros. `bytes` is writable memory of the arena. */
struct pdf_hole {
    struct str bytes;
    size_t hole_at, hole_len; /* the hex digits between < and > */
    struct str part[2];       /* what is signed: the digest runs over part[0] and then part[1] */
};

/* Adds an invisible signature field (SubFilter ETSI.CAdES.detached) to page 1. Same errors as pdf_describe.
 * */
int pdf_prepare_signature(struct arena *a, struct str pdf, const struct pdf_signature *s,
                          struct pdf_hole *ret, struct err *e);
/* Writes the CMS into the hole of `h->bytes`, which is then the signed PDF. ERR_LIMIT if it is too long. */
int pdf_insert_signature(struct pdf_hole *h, struct str cms_der, struct err *e);

/* The last signature of a signed PDF: the signed parts (borrowed from `pdf`) and the CMS (in `a`; trailing
 * zeros of the hole cut off). ERR_NOT_FOUND if there is none; ERR_DAMAGED if its range does not cover the
 * whole file but the hole: something was appended. */
int pdf_signature_find(struct arena *a, struct str pdf, struct str part[2], struct str *cms_der, struct err *e);

#endif
