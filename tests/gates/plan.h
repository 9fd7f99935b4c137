/* plan: what plan.c asks of plan_table.c. */
#ifndef GATES_PLAN_H
#define GATES_PLAN_H
#include "base/str.h"

/* A column of few values: to know it narrows nothing in a table that grows. */
bool plan_coarse(struct str column);
const char *plan_coarse_at(size_t i); /* NULL behind the last */
/* A table that may be read whole: it grows with the administration, not with its work. */
bool plan_short(struct str table);
/* May this statement read what it reads? Notes that it was asked for. */
bool plan_excused(const char *name);
/* The i-th exception that nobody asked for; NULL behind the last. */
const char *plan_idle(size_t i);
#endif
