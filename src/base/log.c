/*
 * log: see log.h. A line is put together first and written by one write(2), so
 * that lines of several threads do not mix; control characters are replaced, so
 * that nothing from outside can forge a line.
 */
#include "base/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE_MAX 1024

/* The one process-wide setting of base: set once by main, before threads. */
static atomic_int least_level = LOG_INFO;

void log_start(enum log_level least)
{
	assert(least >= LOG_ERROR && least <= LOG_DEBUG);
	atomic_store(&least_level, (int)least);
}

static const char *level_word(enum log_level level)
{
	switch (level) {
	case LOG_ERROR: return "error";
	case LOG_WARN: return "warn";
	case LOG_INFO: return "info";
	case LOG_DEBUG: return "debug";
	}
	return "?";
}

/* Wall time in UTC: a log is read beside other logs, also under a virtual clock. */
static size_t put_head(char *line, size_t size, enum log_level level)
{
	struct timespec ts;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	int n = snprintf(line, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s ",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			 tm.tm_sec, (int)(ts.tv_nsec / 1000000), level_word(level));
	assert(n > 0 && (size_t)n < size);
	return (size_t)n;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	va_list ap;

	if ((int)level > atomic_load(&least_level))
		return;
	size_t head = put_head(line, sizeof(line), level);
	va_start(ap, fmt);
	int n = vsnprintf(line + head, sizeof(line) - head - 1, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	size_t len = head + (size_t)n;
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;		/* what vsnprintf() could write */
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, len);
	(void)written;	/* nobody is left to tell */
}
