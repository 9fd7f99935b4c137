/* flow_model: what the chapters of the compiler share. Not for callers of the engine. */
#ifndef ENGINE_FLOW_MODEL_H
#define ENGINE_FLOW_MODEL_H

#include "data/xml.h"
#include "engine/flow/flow.h"

struct flow_compiler {
    struct arena *arena;   /* of the model */
    struct arena *scratch; /* gone after compiling */
    struct flow_model *model;
    struct flow_findings *found;
    const struct xml_node **node; /* [element] its XML */
    const struct xml_node **edge_node;
    int32_t *edge_scope; /* [edge] the sub-process it is written in, or FLOW_NONE */
};

/* Notes a finding; more than FLOW_FINDINGS_MAX are only counted. Text lives in `a`. */
void flow_found(struct flow_findings *f, struct arena *a, uint32_t line, bool warning, struct str id,
                const char *format, ...) __attribute__((format(printf, 6, 7)));
#define FLOW_FOUND(c, line, id, ...) flow_found((c)->found, (c)->arena, (line), false, (id), __VA_ARGS__)

/* Whether `word` stands in a list of words between blanks that begins and ends with a blank. */
bool flow_word_in(const char *list, struct str word);
/* Fills the kind-dependent parts of an element from its attributes and children (flow_attr.c). */
void flow_read_element(struct flow_compiler *c, struct flow_element *el, const struct xml_node *n);
/* BPMNDI of `definitions` into boxes and points. */
void flow_read_drawing(struct flow_compiler *c, const struct xml_node *definitions);
bool flow_is_activity(const struct flow_element *el);
#endif
