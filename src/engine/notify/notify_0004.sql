CREATE INDEX notify_message_case ON notify_message (home, account, case_id, id);
