/* po_in: what the files of po share. */
#ifndef DATA_PO_IN_H
#define DATA_PO_IN_H
#include "data/po.h"
const struct map *po_entries(const struct po *po); /* those without context, by msgid */
#endif
