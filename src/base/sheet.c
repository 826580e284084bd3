/*
 * sheet: see sheet.h. What a file is, is told by its bytes: people rename files, and
 * many systems write a web page and call it .xls. What we do not read is refused with
 * the one thing to do about it.
 */
#include "base/sheet.h"

#include "base/csv.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/sheet_int.h"

enum err sheet_put(struct op *op, struct sheet_builder *sb, size_t row, size_t col, str text)
{
	assert(op->arena && sb);
	if (text.len == 0)
		return ERR_OK;
	if (row >= SHEET_ROWS_MAX)
		return FAIL(op, ERR_LIMIT, "第 %zu 行也有内容；一张表最多 %d 行。请分几次导入",
			    row + 1, SHEET_ROWS_MAX);
	if (col >= SHEET_COLS_MAX)
		return FAIL(op, ERR_LIMIT, "第 %zu 行的列太多；一张表最多 %d 列", row + 1, SHEET_COLS_MAX);
	if (text.len > CELL_BYTES_MAX)
		return FAIL(op, ERR_LIMIT, "第 %zu 行有一格太长", row + 1);
	if (++sb->cells > SHEET_CELLS_MAX)
		return FAIL(op, ERR_LIMIT, "文件里的格子太多。请只留要导入的表");
	*VEC_PUSH(op->arena, &sb->list) =
		(struct sheet_cell_at){ (uint32_t)row, (uint32_t)col, text };
	sb->rows = row >= sb->rows ? row + 1 : sb->rows;
	sb->cols = col >= sb->cols ? col + 1 : sb->cols;
	return ERR_OK;
}

enum err sheet_build(struct op *op, struct sheet_builder *sb, str name, struct sheet *ret_sheet)
{
	size_t area = sb->rows * sb->cols;

	assert(sb->rows <= SHEET_ROWS_MAX && sb->cols <= SHEET_COLS_MAX);
	sb->area += area;
	if (sb->area > SHEET_AREA_MAX)
		return FAIL(op, ERR_LIMIT, "文件里的表太大。请只留要导入的行和列");
	str *cell = NEW_N(op->arena, area, str);
	for (size_t i = 0; i < area; i++)
		cell[i] = STR("");
	for (size_t i = 0; i < sb->list.n; i++) {
		const struct sheet_cell_at *c = &sb->list.at[i];
		assert(c->row < sb->rows && c->col < sb->cols);
		cell[c->row * sb->cols + c->col] = c->text;
	}
	*ret_sheet = (struct sheet){ name, sb->rows, sb->cols, cell };
	return ERR_OK;
}

static bool is_markup(str bytes)
{
	if (str_starts(bytes, STR("\xEF\xBB\xBF")))
		bytes = str_slice(bytes, 3, bytes.len);
	bytes = str_trim(str_slice(bytes, 0, 256));
	return str_starts(bytes, STR("<"));
}

static enum err refuse_known(struct op *op, str bytes)
{
	if (str_starts(bytes, STR("\xD0\xCF\x11\xE0")))
		return FAIL(op, ERR_INVALID, "这是旧格式（.xls、.et）或者加了密码的表格。请用 WPS 或 Excel "
			    "打开，去掉密码，另存为 .xlsx，再上传");
	if (is_markup(bytes))
		return FAIL(op, ERR_INVALID, "这其实是网页，不是表格。请用 WPS 或 Excel 打开，"
			    "另存为 .xlsx，再上传");
	if (str_starts(bytes, STR("%PDF")))
		return FAIL(op, ERR_INVALID, "这是 PDF，不是表格。请上传 .xlsx 或 .csv 文件");
	return ERR_OK;
}

enum err book_open(struct op *op, str bytes, str filename, struct book *ret_book)
{
	struct sheet *only;

	assert(op->arena && ret_book);
	(void)filename;		/* the bytes decide; kept for callers that show it */
	if (bytes.len == 0)
		return FAIL(op, ERR_INVALID, "文件是空的");
	if (bytes.len > SHEET_BYTES_MAX)
		return FAIL(op, ERR_LIMIT, "文件太大，最多 %lu MB", SHEET_BYTES_MAX / MIB);
	TRY(refuse_known(op, bytes));
	if (str_starts(bytes, STR("PK\x03\x04")))
		return xlsx_read(op, bytes, ret_book);
	only = NEW(op->arena, struct sheet);
	TRY(csv_read(op, bytes, only));
	*ret_book = (struct book){ only, 1 };
	return ERR_OK;
}

enum err sheet_open(struct op *op, str bytes, str filename, struct sheet *ret_sheet)
{
	struct book book;

	assert(ret_sheet);
	TRY(book_open(op, bytes, filename, &book));
	for (size_t i = 0; i < book.n; i++) {
		if (book.at[i].rows == 0)
			continue;
		*ret_sheet = book.at[i];
		return ERR_OK;
	}
	return FAIL(op, ERR_INVALID, "表里没有内容");
}
