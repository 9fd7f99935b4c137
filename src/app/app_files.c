/* app_files: the sealed bytes of files that were taken out of a case, or went with a draft that was thrown away, leave the disk when their
 * day has come (ITEM_FILE_LET_GO). Invariant: no row has named them since; sealed bytes are named by one row only, since two sealings of
 * the same bytes differ.
 */
#include "app/app.h"
#include "engine/item/item.h"

static int forget(struct store_tx *tx, struct store_job *job, struct err *e) {
    const struct app_on_errand *on = job->arg;
    return act_message_done(tx, job->home, on->message->id, e);
}

static int drop_one(struct app_on_errand *on, struct err *e) {
    uint8_t blob[32];
    int rc = str_hex_to_bytes(on->message->payload, blob, sizeof blob) ? blobs_drop(on->app->realm.blobs, blob, e)
                                                                       : err_set(e, ERR_DAMAGED, "the name of sealed bytes");
    if (!rc) rc = app_job(on->app, STORE_INTERACTIVE, on->rows, forget, on, e);
    on->done = !rc;
    return rc;
}

int app_drop_files(struct app *app, size_t *ret_n, struct err *e) {
    const struct app_errand errand = {
        .message = ITEM_FILE_LET_GO,
        .name = "files",
        .failed = "bytes that were let go are still there; tried again",
        .arena_bytes = 1024 * 1024,
        .run = drop_one,
    };
    return app_run_errands(app, &errand, ret_n, e);
}
