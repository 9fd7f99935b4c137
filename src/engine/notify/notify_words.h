/* The words of messages that leave: channels, lanes, states.
 * NOTIFY_CHANNEL(NAME, word, what people read): TO ADD A CHANNEL: 1. a row here; 2. what an address of it is, in notify_contact.c; 3. who
 *   hands it over: the role `courier` and its case in app_courier.c; 4. its English.
 * NOTIFY_LANE(NAME, word, topic of the outbox, hours until it expires, what people read), the first goes first.
 * NOTIFY_STATE(NAME, word, tone, what people read).
 */
#ifdef NOTIFY_CHANNEL
NOTIFY_CHANNEL(MAIL, "mail", "电子邮件")
NOTIFY_CHANNEL(SMS, "sms", "短信")
#endif
#ifdef NOTIFY_LANE
NOTIFY_LANE(URGENT, "urgent", "notify.urgent", 24, "紧急")
NOTIFY_LANE(NORMAL, "normal", "notify.normal", 72, "普通")
NOTIFY_LANE(BULK, "bulk", "notify.bulk", 24, "批量")
#endif
#ifdef NOTIFY_STATE
NOTIFY_STATE(WAITING, "waiting", "warn", "等待发送")
NOTIFY_STATE(HANDED, "handed", "brand", "已交给运营方")
NOTIFY_STATE(DELIVERED, "delivered", "ok", "已送达")
NOTIFY_STATE(FAILED, "failed", "seal", "被拒收")
NOTIFY_STATE(EXPIRED, "expired", "seal", "过期未送出")
NOTIFY_STATE(GIVEN_UP, "given-up", "seal", "多次未送出，已放弃")
#endif
