/* release_names: the check of names across a system's files; part of release_check (release.h). */
#ifndef RELEASE_NAMES_H
#define RELEASE_NAMES_H
#include "release/release.h"

/* Adds a finding for every role, part, step, page, question, material, element and key that is written somewhere and declared nowhere.
 * `m` is compiled; nothing is kept. */
void release_check_names(const struct system *m, const struct release_files *files, struct release_findings *f);
#endif
