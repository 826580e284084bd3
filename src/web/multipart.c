/*
 * multipart: the reader of multipart/form-data (form.h). Fed in any pieces, it gives the
 * same result. Strict where browsers are exact: no preamble, no padding after a
 * boundary, CRLF only, at most PART_HEAD_MAX bytes of headers in a part. The delimiter is
 * CRLF "--" boundary; CR stands only at its start, so a failed match never has to look
 * back further than the bytes it had matched: no copy of the data is kept.
 *
 * `filename*` is skipped, not decoded: the name is a label that nobody needs exactly.
 */
#include "web/form.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "web/guard.h"

enum mp_state { MP_DATA, MP_AFTER, MP_AFTER_LF, MP_AFTER_DASH, MP_HEAD, MP_END };

struct multipart {
	const struct form *form;
	struct form_raw *raw;
	int tmp_dir;
	enum mp_state state;
	char delim[80];			/* CR LF - - boundary */
	size_t delim_n, matched;
	bool first;			/* before the first delimiter: no data may come */
	struct buf head, text;		/* the part's headers; its value when it is no file */
	str name;
	const struct form_input *field;	/* the part is a file, and this takes it */
	struct upload *file;		/* once its first byte has come */
	str filename;
	bool skip;	/* the file is refused: its data is read away */
	enum err fault;	/* of a file, said by its field; what was typed is still wanted */
	size_t parts;
};

/* ---- nameless files --------------------------------------------------------------- */

static void close_upload(void *arg)
{
	struct upload *up = arg;

	if (up->fd >= 0)
		close(up->fd);
	up->fd = -1;
}

/* Where the file system has no O_TMPFILE: a name that is gone at once. */
static int open_unlinked(int tmp_dir, const void *unique)
{
	char name[64];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), ".up-%d-%p-%d", (int)getpid(), unique, i);
		int fd = openat(tmp_dir, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
		if (fd >= 0) {
			(void)unlinkat(tmp_dir, name, 0);
			return fd;
		}
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

enum err upload_start(struct op *op, int tmp_dir, struct upload **ret_up)
{
	struct upload *up = NEW(op->arena, struct upload);
	struct statvfs disk;

	if (fstatvfs(tmp_dir, &disk) == 0 &&
	    disk.f_bavail < disk.f_blocks / 100 * UPLOAD_FREE_PERCENT)
		return FAIL(op, ERR_BUSY, "服务器的磁盘快满了，暂时不能传文件，请告诉管理员。");
	up->fd = openat(tmp_dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (up->fd < 0 &&
	    (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL))
		up->fd = open_unlinked(tmp_dir, up);
	if (up->fd < 0)
		return FAIL(op, ERR_IO, "服务器现在存不了文件，请稍后再试，或先不带照片提交。");
	arena_defer(op->arena, close_upload, up);
	*ret_up = up;
	return ERR_OK;
}

static const char *size_words(struct op *op, int64_t size)
{
	bool large = size >= (int64_t)MIB;

	return str_fmt(op->arena, "%lld %s", (long long)(size / (int64_t)(large ? MIB : KIB)),
		       large ? "MB" : "KB").ptr;
}

enum err upload_add(struct op *op, struct upload *up, str bytes, int64_t size_max)
{
	size_t done = 0;

	assert(up->fd >= 0);
	if (up->size + (int64_t)bytes.len > size_max)
		return FAIL(op, ERR_LIMIT, "文件太大，最多 %s，请压缩后再传。",
			    size_words(op, size_max));
	while (done < bytes.len) {
		ssize_t n = write(up->fd, bytes.ptr + done, bytes.len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FAIL(op, ERR_IO, "服务器的磁盘写不下这个文件，请告诉管理员。");
		done += (size_t)n;
	}
	up->size += (int64_t)bytes.len;
	return ERR_OK;
}

enum err upload_end(struct op *op, struct upload *up)
{
	if (lseek(up->fd, 0, SEEK_SET) != 0)
		return FAIL(op, ERR_IO, "读不到刚上传的文件，请再试一次。");
	return ERR_OK;
}

/* ---- start ---------------------------------------------------------------------------- */

static bool boundary_ok(str b)
{
	if (b.len < 1 || b.len > 70 || b.ptr[b.len - 1] == ' ')
		return false;
	for (size_t i = 0; i < b.len; i++) {
		char c = b.ptr[i];
		bool plain =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!plain && (!c || !strchr("'()+_,-./:=? ", c)))
			return false;
	}
	return true;
}

bool multipart_boundary(str content_type, str *ret_boundary)
{
	str rest = content_type;
	str type = str_trim(str_cut(&rest, ';'));

	if (!ascii_eq(type, STR("multipart/form-data")))
		return false;
	while (rest.ptr) {
		str value = str_cut(&rest, ';');
		str key = str_trim(str_cut(&value, '='));
		if (!value.ptr || !ascii_eq(key, STR("boundary")))
			continue;
		value = str_trim(value);
		if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
			value = str_slice(value, 1, value.len - 1);
		*ret_boundary = value;
		return boundary_ok(value);
	}
	return false;
}

static void free_bufs(void *arg)
{
	struct multipart *mp = arg;

	buf_release(&mp->head);
	buf_release(&mp->text);
}

struct multipart *multipart_start(struct op *op, const struct form *form, str boundary, int tmp_dir,
				  struct form_raw *raw)
{
	struct multipart *mp = NEW(op->arena, struct multipart);

	assert(boundary_ok(boundary));
	mp->form = form;
	mp->raw = raw;
	mp->tmp_dir = tmp_dir;
	memcpy(mp->delim, "\r\n--", 4);
	memcpy(mp->delim + 4, boundary.ptr, boundary.len);
	mp->delim_n = 4 + boundary.len;
	mp->matched = 2;	/* the first delimiter has no CRLF before it */
	mp->first = true;
	buf_init(&mp->head, PART_HEAD_MAX);
	buf_init(&mp->text, form_bytes_max(form) + 1);
	arena_defer(op->arena, free_bufs, mp);
	return mp;
}

/* ---- headers of a part ------------------------------------------------------------------ */

static enum err broken(struct op *op)
{
	return FAIL(op, ERR_INVALID, "上传的内容不完整，请返回上一页再提交一次。");
}

/*
 * The value of a parameter of Content-Disposition: a token, or quoted; browsers escape with %, not
 * with \.
 */
static bool disposition_param(str *rest, str *ret_key, str *ret_value)
{
	*rest = str_trim(*rest);
	*ret_key = str_trim(str_cut(rest, '='));
	if (!rest->ptr || ret_key->len == 0)
		return false;
	if (rest->len && rest->ptr[0] == '"') {
		ptrdiff_t end = str_find(*rest, STR("\""), 1);
		if (end < 0)
			return false;
		*ret_value = str_slice(*rest, 1, (size_t)end);
		*rest = str_trim(str_slice(*rest, (size_t)end + 1, rest->len));
		if (rest->len && rest->ptr[0] != ';')
			return false;
		*rest = rest->len ? str_slice(*rest, 1, rest->len) : STR_NONE;
		return true;
	}
	*ret_value = str_trim(str_cut(rest, ';'));
	return true;
}

/* The last piece of what the client calls a file, cleaned; "" when there is nothing sensible. */
static str file_label(struct op *op, str name)
{
	struct op quiet = { .arena = op->arena, .clock = op->clock };
	str clean;

	for (size_t i = name.len; i > 0; i--)
		if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\') {
			name = str_slice(name, i, name.len);
			break;
		}
	if (name.len > PART_HEAD_MAX ||
	    utf8_clean(&quiet, STR(""), name, 200, false, &clean) != ERR_OK)
		return STR("");
	return clean;
}

static enum err read_disposition(struct op *op, struct multipart *mp, str value, bool *ret_file,
				 str *ret_filename)
{
	str rest = value;

	if (!ascii_eq(str_trim(str_cut(&rest, ';')), STR("form-data")))
		return broken(op);
	while (rest.ptr) {
		str key, v;
		if (!disposition_param(&rest, &key, &v))
			return broken(op);
		if (ascii_eq(key, STR("name")) && !mp->name.ptr) {
			mp->name = str_dup(op->arena, v);
		} else if (ascii_eq(key, STR("filename")) && !ret_filename->ptr) {
			*ret_file = true;
			*ret_filename = v;
		} else if (ascii_eq(key, STR("filename*"))) {
			*ret_file = true;
		} else {
			return broken(op);
		}
	}
	if (!mp->name.ptr || mp->name.len == 0 || mp->name.len > FORM_NAME_MAX ||
	    !utf8_valid(mp->name))
		return broken(op);
	return ERR_OK;
}

static const struct form_input *file_field(const struct form *form, str name)
{
	static const struct form_input any = { .kind = FORM_FILE, .max = (int64_t)UPLOAD_BYTES_MAX,
					       .many_max = UPLOAD_PARTS_MAX };

	if (form->body == BODY_UPLOAD)
		return &any;
	for (size_t i = 0; i < form->field_n; i++) {
		const struct form_input *f = &form->field[i];
		if ((f->kind == FORM_FILE || f->kind == FORM_FILES) && str_eq(f->name, name))
			return f;
		if (f->kind == FORM_OPEN_FILES && str_starts(name, f->name))
			return f;
	}
	return NULL;
}

static enum err start_file(struct op *op, struct multipart *mp, str filename)
{
	mp->field = file_field(mp->form, mp->name);
	if (!mp->field)
		return FAIL(op, ERR_INVALID, "这里不收文件，请返回上一页重新提交。");
	mp->filename = file_label(op, filename);
	return ERR_OK;
}

/*
 * A file cannot be taken. In a form that is a fault of its field, and reading goes on, so that
 * the page can be shown again with every word; where the file is all there is, it is the end.
 */
static enum err refuse_file(struct op *op, struct multipart *mp, enum err e)
{
	if (mp->form->body == BODY_UPLOAD || e == ERR_OK)
		return e;
	if (mp->raw->file.n >= UPLOAD_PARTS_MAX)
		mp->fault = INVALID(op, mp->name, "一次最多传 %d 个文件。", UPLOAD_PARTS_MAX);
	else if (e == ERR_LIMIT)
		mp->fault = INVALID(op, mp->name, "文件太大，最多 %s，请压缩后再传。",
				    size_words(op, mp->field->max));
	else
		mp->fault = INVALID(op, mp->name,
				    "服务器现在存不了文件，请告诉管理员。文字可以先提交，不受影响。");
	mp->skip = true;
	return ERR_OK;
}

/* The file's own descriptor, when there is something to put in it. */
static enum err open_file(struct op *op, struct multipart *mp)
{
	if (mp->raw->file.n >= UPLOAD_PARTS_MAX)
		return FAIL(op, ERR_LIMIT, "一次最多传 %d 个文件。", UPLOAD_PARTS_MAX);
	TRY(upload_start(op, mp->tmp_dir, &mp->file));
	mp->file->field = mp->name;
	mp->file->name = mp->filename;
	return ERR_OK;
}

static enum err file_data(struct op *op, struct multipart *mp, str bytes)
{
	enum err e = ERR_OK;

	if (mp->skip)
		return ERR_OK;
	if (!mp->file)
		e = open_file(op, mp);
	if (!e)
		e = upload_add(op, mp->file, bytes, mp->field->max);
	return refuse_file(op, mp, e);
}

/* The blank line has come: what is this part? */
static enum err read_part_head(struct op *op, struct multipart *mp)
{
	str rest = { mp->head.ptr, mp->head.len };
	str filename = STR_NONE;
	bool is_file = false;

	mp->name = STR_NONE;
	mp->file = NULL;
	mp->field = NULL;
	mp->skip = false;
	while (rest.len > 2) {
		ptrdiff_t end = str_find(rest, STR("\r\n"), 0);
		assert(end >= 0);
		str line = str_slice(rest, 0, (size_t)end);
		str key = str_cut(&line, ':');
		rest = str_slice(rest, (size_t)end + 2, rest.len);
		if (!line.ptr || !utf8_valid(line) || !utf8_valid(key))
			return broken(op);
		if (ascii_eq(key, STR("content-disposition"))) {
			if (mp->name.ptr)
				return broken(op);
			TRY(read_disposition(op, mp, line, &is_file, &filename));
		}
	}
	if (!mp->name.ptr)
		return broken(op);
	if (++mp->parts > FORM_FIELDS_MAX)
		return FAIL(op, ERR_LIMIT, "一次提交的内容太多，请分几次提交。");
	buf_clear(&mp->text);
	mp->state = MP_DATA;
	mp->matched = 0;
	return is_file ? start_file(op, mp, filename) : ERR_OK;
}

static enum err head_byte(struct op *op, struct multipart *mp, char c)
{
	char before = mp->head.len ? mp->head.ptr[mp->head.len - 1] : 0;

	if ((c == '\n') != (before == '\r') || (!c))
		return broken(op);
	buf_addc(&mp->head, c);
	if (mp->head.failed)
		return FAIL(op, ERR_LIMIT, "文件名太长，请改短后再传。");
	if (c == '\n' &&
	    (mp->head.len == 2 || str_ends((str){ mp->head.ptr, mp->head.len }, STR("\r\n\r\n"))))
		return read_part_head(op, mp);
	return ERR_OK;
}

/* ---- data of a part --------------------------------------------------------------------- */

static enum err data(struct op *op, struct multipart *mp, str bytes)
{
	if (bytes.len == 0)
		return ERR_OK;
	if (mp->first)
		return broken(op);	/* a preamble */
	if (mp->field)
		return file_data(op, mp, bytes);
	buf_add(&mp->text, bytes);
	if (mp->text.failed)
		return FAIL(op, ERR_LIMIT, "填写的内容太长，请分几次提交。");
	return ERR_OK;
}

/* An input of files that was left empty comes as one nameless file of no bytes. */
static enum err end_file(struct op *op, struct multipart *mp)
{
	enum err e = ERR_OK;

	if (mp->skip || (!mp->file && mp->filename.len == 0))
		return ERR_OK;
	if (!mp->file)
		e = open_file(op, mp);
	if (!e)
		e = upload_end(op, mp->file);
	if (!e)
		*VEC_PUSH(op->arena, &mp->raw->file) = mp->file;
	return refuse_file(op, mp, e);
}

static enum err end_part(struct op *op, struct multipart *mp)
{
	struct form_pair *p;

	if (mp->first) {
		mp->first = false;
		return ERR_OK;
	}
	if (mp->field)
		return end_file(op, mp);
	str value = { mp->text.ptr, mp->text.len };
	if (!utf8_valid(value))
		return FAIL(op, ERR_INVALID, "提交的内容不是有效的文字，请返回上一页重新填写。");
	mp->raw->bytes += mp->name.len + value.len;
	if (mp->raw->bytes > form_bytes_max(mp->form))
		return FAIL(op, ERR_LIMIT, "填写的内容太长，请分几次提交。");
	p = VEC_PUSH(op->arena, &mp->raw->pair);
	p->name = mp->name;
	p->value = value.len ? str_dup(op->arena, value) : STR("");
	return ERR_OK;
}

/* Take data up to the end of `bytes` or of the next delimiter. */
static enum err feed_data(struct op *op, struct multipart *mp, str bytes, size_t *ret_used)
{
	size_t from = 0, i = 0;

	while (i < bytes.len) {
		if (mp->matched == 0) {
			const char *cr = memchr(bytes.ptr + i, '\r', bytes.len - i);
			i = cr ? (size_t)(cr - bytes.ptr) : bytes.len;
			if (!cr)
				break;
			TRY(data(op, mp, str_slice(bytes, from, i)));
			from = i;
		}
		if (bytes.ptr[i] == mp->delim[mp->matched]) {
			i++;
			if (++mp->matched < mp->delim_n)
				continue;
			mp->state = MP_AFTER;
			*ret_used = i;
			return end_part(op, mp);
		}
		/* What had matched was data. This byte is looked at again. */
		TRY(data(op, mp, (str){ mp->delim, mp->matched }));
		mp->matched = 0;
		from = i;
	}
	*ret_used = bytes.len;
	return mp->matched ? ERR_OK : data(op, mp, str_slice(bytes, from, bytes.len));
}

/* The two bytes after a delimiter, and what follows the last one. */
static enum err after_byte(struct op *op, struct multipart *mp, char c)
{
	switch (mp->state) {
	case MP_AFTER:
		mp->state = c == '\r' ? MP_AFTER_LF : MP_AFTER_DASH;
		return c == '\r' || c == '-' ? ERR_OK : broken(op);
	case MP_AFTER_LF:
		buf_clear(&mp->head);
		mp->state = MP_HEAD;
		return c == '\n' ? ERR_OK : broken(op);
	case MP_AFTER_DASH:
		mp->state = MP_END;
		return c == '-' ? ERR_OK : broken(op);
	case MP_END:
		return c == '\r' || c == '\n' ? ERR_OK : broken(op);
	case MP_DATA:
	case MP_HEAD:
		break;
	}
	panic("not after a delimiter");
}

enum err multipart_feed(struct op *op, struct multipart *mp, str bytes)
{
	size_t i = 0;

	while (i < bytes.len) {
		if (mp->state == MP_DATA) {
			size_t used = 0;
			TRY(feed_data(op, mp, str_slice(bytes, i, bytes.len), &used));
			assert(used > 0);
			i += used;
		} else if (mp->state == MP_HEAD) {
			TRY(head_byte(op, mp, bytes.ptr[i++]));
		} else {
			TRY(after_byte(op, mp, bytes.ptr[i++]));
		}
	}
	return ERR_OK;
}

enum err multipart_end(struct op *op, struct multipart *mp)
{
	return mp->state == MP_END ? mp->fault : broken(op);
}
