/* list_sheet: see list_sheet.h. Invariant: nothing of a row is kept when it is written: the parts that
 * name others come first, and strings stand in their cells.
 */
#include "web/list/list_sheet.h"

#include "data/tz.h"
#include "data/write.h"
#include "web/list/list_impl.h"

enum { ROWS_MAX = 1048576, CELL_CHARS_MAX = 32767, FROM_1900 = 25569, WIDTH = 22 };
enum { STYLE_TEXT, STYLE_HEAD, STYLE_DAY, STYLE_TIME };
enum { HEAD_BYTES = 16 * 1024, ROWS_BYTES_MAX = 4 * 1024 * 1024 };

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define KIND "application/vnd.openxmlformats-officedocument.spreadsheetml."

static const struct {
    struct str name, text;
} parts[] = {
    { S_INIT("[Content_Types].xml"),
      S_INIT(XML "<Types xmlns=\"" PACKAGE "content-types\">"
                 "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
                 "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
                 "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" KIND "sheet.main+xml\"/>"
                 "<Override PartName=\"/xl/styles.xml\" ContentType=\"" KIND "styles+xml\"/>"
                 "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" KIND "worksheet+xml\"/></Types>") },
    { S_INIT("_rels/.rels"),
      S_INIT(XML "<Relationships xmlns=\"" PACKAGE "relationships\">"
                 "<Relationship Id=\"rId1\" Type=\"" OFFICE "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>") },
    { S_INIT("xl/workbook.xml"),
      S_INIT(XML "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\">"
                 "<sheets><sheet name=\"list\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>") },
    { S_INIT("xl/_rels/workbook.xml.rels"),
      S_INIT(XML "<Relationships xmlns=\"" PACKAGE "relationships\">"
                 "<Relationship Id=\"rId1\" Type=\"" OFFICE "/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
                 "<Relationship Id=\"rId2\" Type=\"" OFFICE "/styles\" Target=\"styles.xml\"/></Relationships>") },
    { S_INIT("xl/styles.xml"), /* the cells' formats in the order of STYLE_: text, heading, day, time */
      S_INIT(XML "<styleSheet xmlns=\"" MAIN "\"><numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>"
                 "<numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm\"/></numFmts>"
                 "<fonts count=\"2\"><font><sz val=\"11\"/></font><font><b/><sz val=\"11\"/></font></fonts>"
                 "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
                 "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
                 "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
                 "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
                 "<cellXfs count=\"4\"><xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"
                 "<xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" "
                 "applyFont=\"1\"/>"
                 "<xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"
                 "<xf numFmtId=\"165\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"
                 "</cellXfs></styleSheet>") },
};

/* As text of XML 1.0: characters that it cannot hold are left out. */
static void put_text(struct page *p, struct buf *b, struct str s) {
    struct buf clean;
    size_t n = 0;
    buf_init(&clean, p->a, s.len + 8, s.len + 8);
    for (size_t at = 0; at < s.len && n < CELL_CHARS_MAX; n++) {
        size_t from = at;
        int32_t cp = str_utf8_next(s, &at);
        bool good = cp >= ' ' || cp == '\t' || cp == '\n';
        if (good && cp != 0xfffe && cp != 0xffff) buf_add(&clean, str_sub(s, from, at - from));
    }
    write_html_text(b, buf_str(&clean));
}

static void put_words(struct page *p, struct buf *b, struct str text, int style) {
    buf_add_fmt(b, "<c s=\"%d\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", style);
    put_text(p, b, text);
    buf_add(b, S("</t></is></c>"));
}

/* Days are counted from 1899-12-30, and the time is a part of one: in steps of a second hundredth no minute is lost. */
static void put_cell(struct page *p, struct buf *b, struct str text) {
    struct civil_date day;
    int minute;
    if (text.len == 0) {
        buf_add(b, S("<c/>"));
    } else if (realm_time_read(text, &day, &minute)) {
        buf_add_fmt(b, "<c s=\"%d\"><v>%d", minute < 0 ? STYLE_DAY : STYLE_TIME, day.day + FROM_1900);
        if (minute > 0) buf_add_fmt(b, ".%08d", (int)((int64_t)minute * 100000000 / 1440 + 1));
        buf_add(b, S("</v></c>"));
    } else {
        put_words(p, b, text, STYLE_TEXT);
    }
}

static int add(struct list_sheet *s, struct buf *b, const struct buf *xml, struct err *e) {
    return buf_ok(xml) ? zip_add(&s->zip, b, buf_str(xml), e) : err_set(e, ERR_MEMORY, NULL);
}

int list_sheet_begin(struct list_sheet *s, struct page *p, const struct list *of, struct buf *b, struct err *e) {
    struct buf xml;
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof parts / sizeof *parts; i++) {
        rc = zip_file(&s->zip, b, parts[i].name, e);
        if (!rc) rc = zip_add(&s->zip, b, parts[i].text, e);
    }
    if (!rc) rc = zip_file(&s->zip, b, S("xl/worksheets/sheet1.xml"), e);
    if (rc) return rc;
    buf_init(&xml, p->a, 1024, HEAD_BYTES);
    for (size_t i = 0; i < of->n_columns; i++) n += of->columns[i].cell != LIST_SHOWN;
    buf_add_fmt(&xml,
                XML "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView workbookViewId=\"0\">"
                    "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>"
                    "<cols><col min=\"1\" max=\"%zu\" width=\"%d\" customWidth=\"1\"/></cols><sheetData><row>",
                n, WIDTH);
    for (size_t i = 0; i < of->n_columns; i++)
        if (of->columns[i].cell != LIST_SHOWN) put_words(p, &xml, page_text(p, of->columns[i].title), STYLE_HEAD);
    buf_add(&xml, S("</row>"));
    s->rows = 1;
    return add(s, b, &xml, e);
}

int list_sheet_rows(struct list_sheet *s, struct page *p, const struct list *of, const struct val *rows, struct buf *b, struct err *e) {
    struct buf xml;
    buf_init(&xml, p->a, HEAD_BYTES, ROWS_BYTES_MAX);
    for (size_t i = 0; i < val_count(rows); i++) {
        buf_add(&xml, S("<row>"));
        for (size_t k = 0; k < of->n_columns; k++) {
            if (of->columns[k].cell != LIST_SHOWN) put_cell(p, &xml, list_text(val_item(rows, i), &of->columns[k]));
        }
        buf_add(&xml, S("</row>"));
    }
    s->rows += val_count(rows);
    return s->rows > ROWS_MAX ? err_set(e, ERR_LIMIT, "%d", ROWS_MAX) : add(s, b, &xml, e);
}

int list_sheet_end(struct list_sheet *s, struct buf *b, struct err *e) {
    int rc = zip_add(&s->zip, b, S("</sheetData></worksheet>"), e);
    return rc ? rc : zip_end(&s->zip, b, e);
}
