CREATE INDEX notify_message_new ON notify_message (home, account, read_ms, id);
