/* supervise: the pages of supervision (engine/supervise): board, lists of cards, one card, one's own. */
#ifndef WEB_SUPERVISE_H
#define WEB_SUPERVISE_H
#include "http/route.h"

extern const struct route supervise_routes[];
extern const size_t supervise_n_routes;
#endif
