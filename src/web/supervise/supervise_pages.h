/* supervise_pages: what the chapters of these pages share. */
#ifndef WEB_SUPERVISE_PAGES_H
#define WEB_SUPERVISE_PAGES_H
#include "engine/supervise/supervise.h"
#include "web/staff.h"

#define SUPERVISE_HOME "/desk/supervision"
/* Does this person see the board, or only his own cards? */
bool supervise_sees_all(const struct page *p);

enum supervise_tab { SUPERVISE_TAB_BOARD, SUPERVISE_TAB_CARDS, SUPERVISE_TAB_MINE, SUPERVISE_TAB_RATINGS, SUPERVISE_TAB_RATED };
void supervise_tabs(struct page *p, enum supervise_tab current);
void supervise_cell(struct page *p, struct val *cells, struct str text, struct str path, bool head);
void supervise_empty(struct page *p, struct str title, struct str text, struct str path, struct str link);

int supervise_ratings_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_ratings_say(struct page *p, struct err *e);
int supervise_rated_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_rated_file_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_rated_say(struct page *p, struct err *e);
int supervise_board_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_board_say(struct page *p, struct err *e);
int supervise_cards_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_cards_file_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_cards_say(struct page *p, struct err *e);
int supervise_mine_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_mine_file_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_mine_say(struct page *p, struct err *e);
int supervise_card_act(struct store_tx *tx, struct page *p, struct err *e);
int supervise_card_say(struct page *p, struct err *e);
int supervise_card_ask(struct page *p, struct err *e);
int supervise_card_post_act(struct store_tx *tx, struct page *p, struct err *e);
/* A board of the month: what is summed by unit, person and item, each table with its counts and the list that a row leads to. */
struct supervise_board {
    const char *list;      /* path of the list of what is counted */
    const char *filter[3]; /* of that list, for a unit, a person, an item; NULL: a row of it leads nowhere */
    struct str narrow;     /* to the same time as the board, behind these: "&month=2026-11"; empty: it has none */
    const struct str *counted;
    size_t n_counted;
    void (*put_counts)(struct page *p, const struct val *sum, struct str list, struct val *cells);
    struct str none, none_text, all; /* nothing was counted: told so, with a link to the whole list */
    enum supervise_tab tab;
};
void supervise_put_board(struct page *p, const struct supervise_board *b, const struct val *sums);
#endif
