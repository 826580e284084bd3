/*
 * err: the one closed list of errors. Four kinds, never mixed: the user's input
 * (INVALID … CONFLICT), the environment (LIMIT, BUSY, IO), the data (CORRUPT),
 * and bugs, which are asserts, on in release. The message is set once, where the
 * fault is found (FAIL in base/op.h). Libraries never log; the doors do, once.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_OK = 0,
	ERR_INVALID,	/* the caller's input is wrong; show it by the field (422) */
	ERR_DENIED,	/* the person sees the object, but this is not his (403) */
	ERR_NOTFOUND,	/* absent or invisible: the same bytes (404) */
	ERR_CONFLICT,	/* the row changed, or its state lacks this step now (409, 412) */
	ERR_LIMIT,	/* a bound of base/limits.h was reached (413, 429) */
	ERR_BUSY,	/* try again (503) */
	ERR_IO,		/* the disk, the network (500) */
	ERR_CORRUPT,	/* stored data breaks an invariant; call the operator (500) */
};
#define ERR_N 9

/*
 * The word of the API: "invalid", "not_allowed", "not_found", "conflict", "limit", "busy",
 * "io", "corrupt"; "" for OK.
 */
const char *err_word(enum err e);

#define MUST_CHECK __attribute__((warn_unused_result))
#define TRY(call) do { enum err try_err_ = (call); if (try_err_) return try_err_; } while (0)
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Print to stderr and abort. For what cannot be answered: no memory, a broken invariant. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
