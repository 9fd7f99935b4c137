/* rate_classes: how often one session, or one address that is not signed in, may ask. The limits of
 * rate.c and page I12 are made from it.
 * RATE_CLASS(name, cost_ns, burst, title, what): a request each cost_ns in the long run; `burst` at
 * once.
 * TO ADD A CLASS: 1. a value in enum route_rate, 2. a row here, 3. English, 4. rate_test.c.
 */
RATE_CLASS(PAGE, 50000000, 200, "看网页", "同一个人或同一个地址一次能看多少页；用掉的每秒恢复 20 次")
RATE_CLASS(FORM, 500000000, 60, "提交表单", "同一个人或同一个地址一次能提交多少次；用掉的每秒恢复 2 次")
RATE_CLASS(LOGIN, 6000000000, 20, "输错密码", "同一个地址能输错多少次密码；用掉的每分钟恢复 10 次")
RATE_CLASS(UPLOAD, 1000000000, 30, "上传文件", "同一个人或同一个地址一次能上传多少个文件；用掉的每秒恢复 1 次")
RATE_CLASS(ASSET, 10000000, 500, "取样式和脚本", "同一个地址一次能取多少个；用掉的每秒恢复 100 次")
