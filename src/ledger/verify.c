/*
 * verify: re-derives a tenant's whole chain from the stored bytes, and says where it
 * first breaks. Nothing that is stored is believed: leaf and link are computed again, the
 * event bytes are decoded strictly and compared with the columns beside them, numbers run
 * without a gap, the head is the last link, and contents open their commitments. One pass
 * over pages of PAGE entries; memory stays flat.
 *
 * A commitment whose content is gone is fine only when an `erase` event names its entry.
 * That event comes later in the chain, so such entries wait in a list until the end.
 */
#include "ledger/ledger.h"

#include <assert.h>

#include "base/arena.h"
#include "base/limits.h"
#include "gen/q_ledger.h"
#include "ledger/chain.h"
#include "ledger/encode.h"
#include "store/store.h"

#define PAGE 250

struct verify {
	struct op *op;			/* the caller's */
	struct op page_op;		/* the same, with an arena for one page */
	tenant_id tenant;
	const struct ledger_opener *openers;
	size_t openers_n;
	struct ledger_report r;
	struct hash link;		/* of the last good entry */
	VEC(int64_t) gone;		/* entries whose content is erased, not yet explained */
};

static void bad(struct verify *v, int64_t seq, const char *what)
{
	assert(seq > 0 && what);
	if (!v->r.ok)
		return;
	v->r.ok = false;
	v->r.bad_seq = seq;
	v->r.bad_what = str_dup(v->op->arena, str_of(what));
}

/* Nothing here is secret: no need for the constant time of hash_eq(). */
static bool same(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static bool hash_zero(const struct hash *h)
{
	static const struct hash zero;

	return same(h, &zero);
}

/* The columns beside the event bytes exist for searching; they must say the same. */
static bool columns_agree(const struct q_ledger_event_page *row, const struct ledger_event *e)
{
	return row->at == e->at_ms && str_eq(row->kind, e->kind) && row->subject == e->subject &&
		row->account.v == e->account.v && row->person.v == e->person.v &&
		same(&row->commitment, &e->commitment);
}

static const struct ledger_opener *opener_of(const struct verify *v, str kind)
{
	const struct ledger_opener *best = NULL;

	for (size_t i = 0; i < v->openers_n; i++) {
		const struct ledger_opener *o = &v->openers[i];
		if (str_starts(kind, o->kind) && (!best || o->kind.len > best->kind.len))
			best = o;
	}
	return best;
}

static void explain_erasure(struct verify *v, int64_t seq)
{
	for (size_t i = 0; i < v->gone.n; i++) {
		if (v->gone.at[i] != seq)
			continue;
		v->gone.at[i] = v->gone.at[--v->gone.n];
		return;
	}
}

static int64_t first_gone(const struct verify *v)
{
	assert(v->gone.n > 0);
	int64_t first = v->gone.at[0];

	for (size_t i = 1; i < v->gone.n; i++)
		if (v->gone.at[i] < first)
			first = v->gone.at[i];
	return first;
}

static enum err check_content(struct verify *v, const struct ledger_event *e)
{
	const struct ledger_opener *o = opener_of(v, e->kind);
	struct ledger_content c = { 0 };
	enum err err;

	if (!o) {
		v->r.unopened++;
		return ERR_OK;
	}
	err = o->open(&v->page_op, o->arg, e, &c);
	if (err == ERR_NOTFOUND) {
		bad(v, e->seq, "这一条所存证的内容不见了");
		return ERR_OK;
	}
	if (err)
		return err;
	if (c.state == LEDGER_CONTENT_ERASED) {
		*VEC_PUSH(v->op->arena, &v->gone) = e->seq;
		v->r.erased++;
	} else if (hash_eq(hash_commit(c.salt, c.bytes), e->commitment)) {
		v->r.opened++;
	} else {
		bad(v, e->seq, "这一条所存证的内容被改过");
	}
	return ERR_OK;
}

static enum err check_entry(struct verify *v, const struct q_ledger_event_page *row)
{
	struct ledger_event e;
	struct hash leaf = ledger_leaf(row->event);
	struct hash link = ledger_link(v->link, leaf);

	if (row->seq != v->r.events + 1)
		bad(v, v->r.events + 1, "这一条缺失");
	else if (!same(&leaf, &row->leaf))
		bad(v, row->seq, "这一条的内容与它的指纹不符");
	else if (!same(&link, &row->link))
		bad(v, row->seq, "这一条与前一条接不上");
	else if (!ledger_decode(v->page_op.arena, row->event, &e))
		bad(v, row->seq, "这一条不是合规的编码");
	else if (e.tenant.v != v->tenant.v || e.seq != row->seq)
		bad(v, row->seq, "这一条属于别的单位或别的位置");
	else if (!columns_agree(row, &e))
		bad(v, row->seq, "这一条旁边的检索项与存证不符");
	else if (!hash_zero(&e.commitment))
		TRY(check_content(v, &e));
	else if (str_eq(e.kind, STR(LEDGER_KIND_ERASE)))
		explain_erasure(v, e.subject);
	if (v->r.ok) {
		assert(row->seq == v->r.events + 1);
		v->link = link;
		v->r.events++;
	}
	return ERR_OK;
}

static enum err check_page(struct verify *v, bool *ret_more)
{
	struct q_ledger_event_page *rows;
	size_t n;

	/* From below the first: an entry numbered 0 is a foreign one, too. */
	int64_t after = v->r.events ? v->r.events : INT64_MIN;
	TRY(q_ledger_event_page(&v->page_op, v->tenant, after, PAGE, &rows, &n));
	for (size_t i = 0; i < n && v->r.ok; i++)
		TRY(check_entry(v, &rows[i]));
	*ret_more = v->r.ok && n == PAGE;
	return ERR_OK;
}

static enum err check_head(struct verify *v)
{
	struct q_ledger_head_get head;
	enum err e = q_ledger_head_get(v->op, v->tenant, &head);

	if (e == ERR_NOTFOUND) {
		if (v->r.events > 0)
			bad(v, v->r.events + 1, "链头不见了");
		return ERR_OK;
	}
	if (e)
		return e;
	if (head.seq != v->r.events)
		bad(v, v->r.events + 1, head.seq > v->r.events ? "这一条缺失" : "链头落后于台账");
	else if (!same(&head.link, &v->link))
		bad(v, v->r.events + 1, "链头与最后一条不符");
	return ERR_OK;
}

static enum err run(struct verify *v)
{
	struct arena *a = v->page_op.arena;
	bool more = true;

	while (more) {
		enum err e = check_page(v, &more);
		if (e) {
			if (v->page_op.errat)
				op_fail(v->op, e, v->page_op.errat, "%s", v->page_op.errmsg);
			return e;
		}
		arena_reset(a);
	}
	if (v->r.ok)
		TRY(check_head(v));
	if (v->r.ok && v->gone.n > 0)
		bad(v, first_gone(v), "这一条所存证的内容被删除，却没有删除的存证");
	return ERR_OK;
}

enum err ledger_verify(struct op *op, tenant_id tenant, const struct ledger_opener *openers,
		       size_t openers_n, struct ledger_report *ret_report)
{
	struct verify v = { .op = op,
			    .page_op = *op,
			    .tenant = tenant,
			    .openers = openers,
			    .openers_n = openers_n,
			    .r = { .ok = true },
			    .link = ledger_genesis(tenant) };
	enum err e;

	assert(op->store && tenant.v != 0);
	assert(openers || openers_n == 0);
	store_read_budget(op, 0);
	v.page_op.arena = arena_new(ARENA_OP_MAX);
	e = run(&v);
	arena_free(v.page_op.arena);
	if (e)
		return e;
	v.r.head = v.link;
	*ret_report = v.r;
	return ERR_OK;
}
