/*
 * ledger: one append-only, hash-chained list of events per tenant. Every fact is an
 * event, written in the same operation as the fact.
 *
 *	leaf[n] = H(0x00 ‖ event bytes)			event bytes: ledger/encode.h
 *	link[n] = H(0x02 ‖ link[n-1] ‖ leaf[n])		n from 1
 *	link[0] = H(0x03 ‖ "bihuan-ledger-1" ‖ tenant)	so a chain belongs to its tenant
 *
 * Personal content never stands in an event: it stays with its owner (a step's fields,
 * a person's name), beside a random salt, and the event holds the commitment
 * HMAC-SHA-256(salt, content). Erasing content and salt leaves the chain whole and the
 * commitment unopenable; a LEDGER_KIND_ERASE event says that it was meant. The head of the chain
 * is read inside the operation, never cached. What was appended is read back and hashed
 * again before the operation ends. The chain alone does not detect a rewritten whole
 * file: signed checkpoints, kept elsewhere, do (with a later issue).
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/op.h"

/*
 * A fixed fact of an event, not personal: {"from","found"}, {"to","rectifying"},
 * {"number","YH-2026-0001"}.
 */
struct ledger_fact { str key, value; };
#define LEDGER_FACTS_MAX 32
#define LEDGER_EVENT_MAX 4096	/* encoded bytes */
#define LEDGER_KIND_ERASE "ledger.erase"

struct ledger_event {
	tenant_id tenant;
	int64_t seq;			/* from 1, without gaps; set by ledger_append() */
	int64_t at_ms;			/* set by ledger_append(): op->now_ms */
	str kind;			/* "record.step" */
	account_id account;		/* who acted; 0 = the system */
	person_id person;
	appointment_id appointment;	/* in which hat; 0 = none */
	str subject_kind;		/* "record" */
	int64_t subject;		/* its id */
	const struct ledger_fact *facts;
	size_t facts_n;
	struct hash commitment;		/* all zero = no content; set by ledger_append() */
	/*
	 * For ledger_append() only: the content to commit to, and its salt (kept by the owner
	 * beside the content).
	 */
	str content;
	struct salt salt;
};

/*
 * Append to the chain of op->tenant, inside tx_begin_write(). Fill kind, account, person,
 * appointment, subject_kind, subject, facts, and content with salt (from ledger_salt())
 * where there is content.
 */
MUST_CHECK enum err ledger_append(struct op *op, const struct ledger_event *e, int64_t *ret_seq);
/* A fresh salt; the caller stores it in the row that holds the content. */
struct salt ledger_salt(struct op *op);

/*
 * Content is encoded like events, so that its owner can encode it again from its rows:
 * each value with its length, in a fixed order, never JSON. Start with a buf of
 * LEDGER_CONTENT_MAX; numbers are 8 bytes.
 */
#define LEDGER_CONTENT_MAX (256 * 1024)
void ledger_put_str(struct buf *b, str s);
void ledger_put_i64(struct buf *b, int64_t v);
void ledger_put_hash(struct buf *b, struct hash h);

/*
 * Who holds content says so in a table given to ledger_verify(): for an event whose kind
 * starts with `kind` and that has a commitment, `open` finds the content as it is stored
 * now. The longest prefix wins; no opener = not checked, counted.
 */
enum ledger_content_state { LEDGER_CONTENT_HERE, LEDGER_CONTENT_ERASED };
struct ledger_content { enum ledger_content_state state; str bytes; struct salt salt; };
struct ledger_opener {
	str kind;
	enum err (*open)(struct op *op, void *arg, const struct ledger_event *e,
			 struct ledger_content *ret_c);
	void *arg;
};

struct ledger_report {
	int64_t events;			/* good ones, from the first */
	int64_t opened, erased, unopened;	/* commitments */
	bool ok;
	/* of the first bad entry, when not ok; past the end: the head */
	int64_t bad_seq;
	str bad_what;			/* in words for people */
	struct hash head;		/* the last good link */
};

/*
 * Re-derive the whole chain of a tenant. ERR_OK also when the chain is bad: see ret_report->ok.
 * Needs an open read scope (or the writer); raises its budget. Memory stays flat.
 */
MUST_CHECK enum err ledger_verify(struct op *op, tenant_id tenant,
				  const struct ledger_opener *openers, size_t openers_n,
				  struct ledger_report *ret_report);
/* The link of event `seq`, for papers that name it. ERR_NOTFOUND. */
MUST_CHECK enum err ledger_link_at(struct op *op, tenant_id tenant, int64_t seq,
				   struct hash *ret_link);
/* The newest event of a tenant; *ret_seq 0 when it has none. */
MUST_CHECK enum err ledger_head_at(struct op *op, tenant_id tenant, int64_t *ret_seq,
				   struct hash *ret_link);
/* Content of event `seq` was erased on purpose. Without this event its absence is a finding. */
MUST_CHECK enum err ledger_append_erase(struct op *op, account_id account, person_id person,
					int64_t seq, str reason, int64_t *ret_seq);

/* For people: entries below `before` (INT64_MAX: from the newest on), newest first. */
struct ledger_entry {
	int64_t seq, at_ms;
	str kind;
	int64_t subject;
	account_id account;
	person_id person;
	struct hash link;
	/* of the event itself; none when its bytes cannot be read (`verify` says so) */
	const struct ledger_fact *facts;
	size_t facts_n;
};
MUST_CHECK enum err ledger_newest(struct op *op, tenant_id tenant, int64_t before, int64_t limit,
				  struct ledger_entry **ret, size_t *ret_n);

#endif
