/*
 * bench/load PORT CONNECTIONS SECONDS REQUESTS [ACKS]: keep-alive requests, one under way on each
 * connection, from one thread. REQUESTS is a file: METHOD, path, headers (between them "|") and
 * body, with tabs between them, one request a line, sent in turn over all connections; "@" in
 * headers and body becomes a running number. Prints one JSON line: rate, exact percentiles in ms,
 * bytes of an answer on average, and how many were not 2xx. Every latency is kept, so p99 is no
 * estimate.
 *
 * ACKS: the "number" of every 2xx answer goes into this file with the number of its line. Then
 * a server that goes away ends the run, and is no failure: it is what is measured.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

#define CONNS_MAX 256
#define TIMES_MAX 4000000
#define ANSWER_MAX 1000000
#define LINES_MAX 16384
#define ASK_MAX 4096

struct conn {
	int fd;
	int64_t sent_us;
	size_t got, want, ask_len, line;
	bool ok;
	char *in, ask[ASK_MAX];
};

static struct conn conn[CONNS_MAX];
static int32_t *took;
static int64_t took_n, bad, bytes, sent;
static char *line[LINES_MAX];
static size_t line_n;
static int port, ep;
static FILE *acks;
static bool gone;

/* ---- requests ------------------------------------------------------------------- */

/* `from` with every "@" as the running number, and every "|" as the end of a header. */
static size_t put(char *to, size_t max, const char *from, size_t len, bool head)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (n + 24 > max)
			panic("a request of more than %zu bytes", max);
		if (from[i] == '@')
			n += (size_t)snprintf(to + n, 22, "%lld", (long long)sent);
		else if (head && from[i] == '|')
			n += (size_t)snprintf(to + n, 3, "\r\n");
		else
			to[n++] = from[i];
	}
	return n;
}

static void compose(struct conn *c)
{
	str rest, method, path, headers;
	char body[ASK_MAX / 2];
	size_t body_n, n;

	c->line = (size_t)sent++ % line_n;
	rest = str_of(line[c->line]);
	method = str_cut(&rest, '\t');
	path = str_cut(&rest, '\t');
	headers = str_cut(&rest, '\t');
	body_n = put(body, sizeof(body), rest.ptr, rest.len, false);
	n = (size_t)snprintf(c->ask, ASK_MAX, "%.*s %.*s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n",
			     STR_ARG(method), STR_ARG(path), port);
	n += put(c->ask + n, ASK_MAX - n, headers.ptr, headers.len, true);
	if (body_n)
		n += (size_t)snprintf(c->ask + n, ASK_MAX - n, "\r\nContent-Length: %zu", body_n);
	n += (size_t)snprintf(c->ask + n, ASK_MAX - n, "\r\n\r\n");
	if (n + body_n > ASK_MAX)
		panic("a request of more than %d bytes", ASK_MAX);
	memcpy(c->ask + n, body, body_n);
	c->ask_len = n + body_n;
}

static void read_lines(const char *file)
{
	FILE *f = fopen(file, "r");
	size_t cap = 0;

	if (!f)
		panic("no file %s", file);
	while (line_n < LINES_MAX && getline(&line[line_n], &cap, f) > 0) {
		line[line_n][strcspn(line[line_n], "\n")] = '\0';
		line_n++;
		cap = 0;
	}
	fclose(f);
	if (!line_n)
		panic("no request in %s", file);
}

/* ---- connections ---------------------------------------------------------------- */

static void send_one(struct conn *c)
{
	c->sent_us = clock_monotonic_us();
	c->got = c->want = 0;
	/* To a connection that has just been closed it fails: then reading says so. */
	(void)!send(c->fd, c->ask, c->ask_len, MSG_NOSIGNAL);
}

/* A server ends a connection after so many requests: the same one again, on a new one. */
static void conn_open(struct conn *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = (uint32_t)(c - conn) };

	if (c->in)
		close(c->fd);
	else
		c->in = malloc(ANSWER_MAX + 1);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	gone = connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0;
	if (gone && acks)
		return;
	if (!c->in || c->fd < 0 || gone)
		panic("no connection to port %d", port);
	if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev) != 0)
		panic("epoll");
	send_one(c);
}

/* Once the head is there: how long the whole answer is. */
static void head_read(struct conn *c)
{
	c->in[c->got] = '\0';
	char *end = strstr(c->in, "\r\n\r\n"), *len = strcasestr(c->in, "\r\nContent-Length:");

	if (!end)
		return;
	if (!len || len > end)
		panic("an answer without Content-Length");
	c->want = (size_t)(end + 4 - c->in) + strtoull(len + 17, NULL, 10);
	if (c->want > ANSWER_MAX)
		panic("an answer larger than %d bytes", ANSWER_MAX);
	c->ok = strncmp(c->in, "HTTP/1.1 2", 10) == 0;
}

static void acknowledged(struct conn *c)
{
	const char *n;

	c->in[c->got] = '\0';
	n = strstr(c->in, "\"number\":\"");
	if (n)
		fprintf(acks, "%zu\t%.*s\n", c->line, (int)strcspn(n + 10, "\""), n + 10);
}

static void answered(struct conn *c)
{
	bytes += (int64_t)c->want;
	if (!c->ok && !bad++)
		fprintf(stderr, "load: %.*s\n", (int)(c->got < 600 ? c->got : 600), c->in);
	if (c->ok && acks)
		acknowledged(c);
	if (took_n < TIMES_MAX)
		took[took_n++] = (int32_t)(clock_monotonic_us() - c->sent_us);
	compose(c);
	send_one(c);
}

static void readable(struct conn *c)
{
	ssize_t n = read(c->fd, c->in + c->got, ANSWER_MAX - c->got);

	if (n <= 0 && !c->got) {
		conn_open(c);
		return;
	}
	if (n <= 0 && acks) {
		gone = true;
		return;
	}
	if (n <= 0)
		panic("the server broke off after %lld answers", (long long)took_n);
	c->got += (size_t)n;
	if (!c->want)
		head_read(c);
	if (c->want && c->got >= c->want)
		answered(c);
}

/* ---- figures -------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static double percentile(int per_mille)
{
	return took_n ? took[(took_n - 1) * per_mille / 1000] / 1000.0 : 0;
}

static void say(double s)
{
	qsort(took, (size_t)took_n, sizeof(took[0]), by_time);
	printf("{\"per_s\": %.0f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f, "
	       "\"bytes\": %lld, \"bad\": %lld, \"n\": %lld, \"gone\": %s}\n", (double)took_n / s,
	       percentile(500), percentile(990), percentile(1000),
	       (long long)(took_n ? bytes / took_n : 0), (long long)bad, (long long)took_n,
	       gone ? "true" : "false");
}

int main(int argc, char **argv)
{
	int64_t at, n, seconds;	/* of these micro */

	if (argc < 5 || !str_to_i64(str_of(argv[1]), &at) || !str_to_i64(str_of(argv[2]), &n)
	    || (seconds = (int64_t)(1e6 * strtod(argv[3], NULL))) < 1 || n < 1 || n > CONNS_MAX)
		return 2;
	port = (int)at;
	ep = epoll_create1(0);
	read_lines(argv[4]);
	acks = argc > 5 ? fopen(argv[5], "w") : NULL;
	took = calloc(TIMES_MAX, sizeof(took[0]));
	if (!took || (argc > 5 && !acks))
		return 1;
	int64_t start = clock_monotonic_us(), end = start + seconds;
	for (int64_t i = 0; i < n && !gone; i++) {
		compose(&conn[i]);
		conn_open(&conn[i]);
	}
	while (!gone && clock_monotonic_us() < end) {
		struct epoll_event ev[64];
		int got = epoll_wait(ep, ev, 64, 100);

		for (int i = 0; i < got; i++)
			readable(&conn[ev[i].data.u32]);
	}
	say((double)(clock_monotonic_us() - start) / 1e6);
	if (acks)
		fclose(acks);
	return bad ? 1 : 0;
}
