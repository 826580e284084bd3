/*
 * bench/load PORT CONNECTIONS SECONDS PATH [HEADER]: keep-alive GETs, one under way on each
 * connection, from one thread. Prints one JSON line: rate, exact percentiles in ms, bytes of an
 * answer, and how many were not 200. Every latency is kept, so p99 is no estimate.
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

struct conn { int fd; int64_t sent_us; size_t got, want; bool ok; char *in; };

static struct conn conn[CONNS_MAX];
static int32_t *took;
static int64_t took_n, bad, answer_bytes;
static char ask[4096];
static size_t ask_len;

static void send_one(struct conn *c)
{
	c->sent_us = clock_monotonic_us();
	c->got = c->want = 0;
	/* To a connection that has just been closed it fails: then reading says so. */
	(void)!send(c->fd, ask, ask_len, MSG_NOSIGNAL);
}

/* A server ends a connection after so many requests: the next one begins on a new one. */
static void conn_open(struct conn *c, int port, int ep, uint32_t i)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };

	if (c->in)
		close(c->fd);
	else
		c->in = malloc(ANSWER_MAX + 1);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (!c->in || c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
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
	int64_t n = 0;

	if (!end)
		return;
	if (!len || len > end)
		panic("an answer without Content-Length");
	for (len += 17; *len == ' '; len++)
		;
	for (; *len >= '0' && *len <= '9'; len++)
		n = n * 10 + (*len - '0');
	c->want = (size_t)(end + 4 - c->in) + (size_t)n;
	if (c->want > ANSWER_MAX)
		panic("an answer larger than %d bytes", ANSWER_MAX);
	c->ok = strncmp(c->in, "HTTP/1.1 200", 12) == 0;
}

static void readable(struct conn *c, int port, int ep)
{
	ssize_t n = read(c->fd, c->in + c->got, ANSWER_MAX - c->got);

	if (n <= 0 && !c->got) {
		conn_open(c, port, ep, (uint32_t)(c - conn));
		return;
	}
	if (n <= 0)
		panic("the server broke off after %lld answers", (long long)took_n);
	c->got += (size_t)n;
	if (!c->want)
		head_read(c);
	if (!c->want || c->got < c->want)
		return;
	answer_bytes = (int64_t)c->want;
	bad += !c->ok;
	if (took_n < TIMES_MAX)
		took[took_n++] = (int32_t)(clock_monotonic_us() - c->sent_us);
	send_one(c);
}

static int by_time(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static double percentile(int per_mille)
{
	return took_n ? took[(took_n - 1) * per_mille / 1000] / 1000.0 : 0;
}

int main(int argc, char **argv)
{
	int64_t port, n, seconds;
	int ep = epoll_create1(0);

	if (argc < 5 || !str_to_i64(str_of(argv[1]), &port) || !str_to_i64(str_of(argv[2]), &n)
	    || !str_to_i64(str_of(argv[3]), &seconds) || n < 1 || n > CONNS_MAX)
		return 2;
	ask_len = (size_t)snprintf(ask, sizeof(ask), "GET %s HTTP/1.1\r\n"
				   "Host: 127.0.0.1:%s\r\n%s%s\r\n", argv[4], argv[1],
				   argc > 5 ? argv[5] : "", argc > 5 ? "\r\n" : "");
	took = calloc(TIMES_MAX, sizeof(took[0]));
	if (!took || ask_len >= sizeof(ask))
		return 1;
	int64_t start = clock_monotonic_us(), end = start + seconds * 1000000;
	for (int64_t i = 0; i < n; i++)
		conn_open(&conn[i], (int)port, ep, (uint32_t)i);
	while (clock_monotonic_us() < end) {
		struct epoll_event ev[64];
		int got = epoll_wait(ep, ev, 64, 100);

		for (int i = 0; i < got; i++)
			readable(&conn[ev[i].data.u32], (int)port, ep);
	}
	double s = (double)(clock_monotonic_us() - start) / 1e6;
	qsort(took, (size_t)took_n, sizeof(took[0]), by_time);
	printf("{\"per_s\": %.0f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f, "
	       "\"bytes\": %lld, \"bad\": %lld, \"n\": %lld}\n", (double)took_n / s,
	       percentile(500), percentile(990), percentile(1000), (long long)answer_bytes,
	       (long long)bad,
	       (long long)took_n);
	return bad ? 1 : 0;
}
