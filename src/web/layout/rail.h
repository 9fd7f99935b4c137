/* rail: the progress rail (办理轨): the steps of a guide, case, ticket or incident, in order, each with a drawn mark
 * and the same facts in words beside it. One markup; the style sheet lays it along the page, or down it on a phone
 * and on paper.
 */
#ifndef WEB_LAYOUT_RAIL_H
#define WEB_LAYOUT_RAIL_H

#include "base/buf.h"
#include "data/po.h"

enum rail_state { RAIL_TODO, RAIL_MAYBE, RAIL_OFF, RAIL_DONE, RAIL_CURRENT, RAIL_PAUSED, RAIL_WAITING, RAIL_REFUSED, RAIL_STATES };

struct rail_step {
    struct str title;
    enum rail_state state;
    struct str date; /* ready to read, may be empty */
    struct str unit; /* who has it or had it, may be empty */
    struct str says; /* the state in other words than its own, may be empty */
};

/* Appends an ordered list; titles, dates and units are escaped, the states' words come from `texts` (NULL: Chinese).
 * `label` names the list for screen readers. CURRENT, PAUSED, WAITING (for the applicant) and REFUSED are
 * marked aria-current="step". Give the result to a view as VAL_HTML. Nothing for n = 0. Overflow is the buffer's. */
void rail_html(struct buf *b, const struct po *texts, struct str label, const struct rail_step *steps, size_t n);
/* The state's word in Chinese, the msgid of its translation. */
struct str rail_state_text(enum rail_state state);

#endif
