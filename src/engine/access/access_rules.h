/* access_rules: the compiled form of access.yaml, shared by the two files of this engine only. */
#ifndef ENGINE_ACCESS_RULES_H
#define ENGINE_ACCESS_RULES_H
#include "engine/access/access.h"

struct feel;
struct access_grant {
    struct str role, system; /* which system's grant it is */
    uint32_t line;           /* of its access.yaml */
    struct str *act;
    size_t n_acts;
    enum access_scope scope;
    struct str when_text;
    struct feel *when; /* NULL: no condition */
};
struct access_rules {
    struct access_role *role;
    size_t n_roles;
    struct access_grant *grant;
    size_t n_grants;
    struct access_standing *standing;
    size_t n_standings;
};
bool access_of_draft(struct str act);
/* Does the standing of who acts for another give the act? True for who acts for himself. */
bool access_stands(const struct realm *r, const struct actor *who, struct str act);

bool access_grant_names(const struct access_grant *g, struct str act);
/* {system, system_id, line, role, may, scope, when} for pages. */
struct val *access_grant_view(struct arena *a, const struct system *m, const struct access_grant *g);
/* What people read for an act; the name itself if it is none of ours. */
struct str access_act_title(struct str act);
#endif
