/* limits: every bound of the HTTP door, one row each; the defaults of struct http_limits, what is
 * counted of each (http_within), page I12 and test T26 are made from it. A bound is the greatest
 * value that is still served; one more is refused: url_bytes 414, header_* 431, request_arena_bytes
 * 503, the rest 413.
 * HTTP_LIMIT(name, default, unit, counted, title, what)
 *   counted  EACH: of each request; OPEN: it stands, and can be looked at; SET: nothing is.
 * TO ADD A LIMIT: 1. a row here, 2. the member in http.h, 3. http_within where it is judged,
 * 4. English, 5. n and n+1 in server_test.c.
 */
HTTP_LIMIT(header_bytes, 8192, BYTES, EACH, "请求头的大小", "请求行和全部请求头字段合在一起")
HTTP_LIMIT(header_fields, 100, COUNT, EACH, "请求头的字段数", "一次请求的请求头有多少个字段")
HTTP_LIMIT(url_bytes, 4096, BYTES, EACH, "网址的长度", "一次请求的网址，连同查询部分")
HTTP_LIMIT(form_fields, 512, COUNT, EACH, "表单的字段数", "一张表单或一次查询有多少个字段")
HTTP_LIMIT(form_field_bytes, 65536, BYTES, EACH, "表单字段的大小", "表单里一项内容有多长")
HTTP_LIMIT(multipart_parts, 64, COUNT, EACH, "带附件的表单的项数", "带附件的表单有多少项，附件也算")
HTTP_LIMIT(upload_bytes, 20971520, BYTES, EACH, "上传文件的大小", "一个上传的文件；各事项的材料可以规定得更小")
HTTP_LIMIT(request_arena_bytes, 4194304, BYTES, EACH, "一次请求的内存", "一次请求连同它的答复用多少内存")
HTTP_LIMIT(connections, 4000, COUNT, OPEN, "打开的连接", "快满时，最久没有请求的连接先让出位置")
HTTP_LIMIT(idle_s, 30, SECONDS, SET, "空闲连接的时间", "连接上多久没有动静就关闭")
HTTP_LIMIT(threads, 0, COUNT, SET, "服务线程", "收发网页的线程；没有指定时，每个处理器核心一个")
