/* live: pages that stand open learn what has changed (server-sent events, WHATWG HTML 9.2).
 *
 *   GET /events?topics=queue,task.7,case.7&after=N          a stream, heartbeat every HTTP_EVENT_HEARTBEAT_S
 *   topics: those of item_watch_open, and `health`, which tells who may metrics.read that web/health.h judges otherwise than before
 *   GET /events?topics=...&after=N&poll=1                   the same, what is there now, and the end: for where streams fail
 *
 * An event's id is the number of the audit entry that it tells of. Last-Event-ID, else `after`, says what the reader has: all
 * behind it is told, once, also after a restart of the server. Events: `change` (data: a key, see item_watch_key), `who` (data: a
 * sentence, who else has the task open; empty: nobody), `at` (nothing new: a number to keep), `lost` (too far behind to be told
 * one by one: read the page again).
 *
 * Invariants
 *  1. Each event is sent by the rights that the session has at that moment; a session that has ended ends its streams.
 *  2. One thread reads the log for all streams; HTTP threads and the store's never wait for a reader. A reader that does not keep
 *     up is cut off (http.h) and comes back.
 *  3. At most LIVE_STREAMS_MAX streams, LIVE_OF_ONE_MAX of one account: 503 beyond.
 *  4. live_stop closes every stream before the server drains.
 */
#ifndef WEB_LIVE_H
#define WEB_LIVE_H
#include "engine/realm/realm.h"
#include "web/page.h"

enum { LIVE_STREAMS_MAX = 2000, LIVE_OF_ONE_MAX = 32, LIVE_TOPICS_MAX = 4, LIVE_REPLAY_MAX = 20000 };
extern const struct route live_routes[];
extern const size_t live_n_routes;

struct live;
/* Begins the thread. Lives in `a`, as must the realm. */
int live_start(struct arena *a, struct store *s, const struct realm *r, struct live **ret, struct err *e);
/* Something was committed. Any thread; NULL is fine. */
void live_hint(struct live *l);
/* How this installation is now: health_key. Any thread; NULL is fine. */
void live_health(struct live *l, uint64_t key);
/* The key as an event's data, and as what a page has. */
struct str live_health_text(struct arena *a, uint64_t key);
/* How many streams stand open, and how near the two limits they came. */
void live_use(struct live *l, struct bound_seen *ret, struct bound_seen *ret_of_one);
/* Ends the thread and closes all streams; further ones are refused. Twice is fine, NULL too. */
void live_stop(struct live *l);

/* For act: `page.live` {href, after, have, at, at_iso, refresh, text}, which page_top shows. `have`: keys that the page shows, with
 * blanks between; `text`: Chinese, with [n] for how many new ones there are. */
int live_put(struct store_tx *tx, struct page *p, struct str topics, struct str have, struct str text, struct err *e);
/* The sentence of who else has a task open; empty if nobody. */
struct str live_who(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t task, struct str lang, struct err *e);
#endif
