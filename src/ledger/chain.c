/*
 * chain: see ledger.h for the formulas. The prefixes keep a leaf, a node of the tree, a
 * link and a beginning from being passed off as one another.
 *
 * Invariant: the head is read and moved inside the operation that appends; nothing about
 * it is kept in memory. The head moves by compare-and-set, so that two appends from the
 * same head cannot both succeed on an engine with several writers.
 */
#include "ledger/chain.h"

#include <assert.h>

#include "base/op.h"
#include "base/rand.h"
#include "gen/q_ledger.h"
#include "ledger/encode.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum prefix { PREFIX_LEAF = 0, PREFIX_LINK = 2, PREFIX_GENESIS = 3 };

struct hash ledger_leaf(str event_bytes)
{
	static const char prefix = PREFIX_LEAF;
	struct hash_state st;

	hash_begin(&st);
	hash_add(&st, (str){ &prefix, 1 });
	hash_add(&st, event_bytes);
	return hash_end(&st);
}

struct hash ledger_link(struct hash prev, struct hash leaf)
{
	char bytes[65];

	bytes[0] = PREFIX_LINK;
	memcpy(bytes + 1, prev.b, 32);
	memcpy(bytes + 33, leaf.b, 32);
	return hash_of((str){ bytes, sizeof(bytes) });
}

struct hash ledger_genesis(tenant_id tenant)
{
	static const char name[] = "bihuan-ledger-1";
	char bytes[1 + sizeof(name) - 1 + 8];

	bytes[0] = PREFIX_GENESIS;
	memcpy(bytes + 1, name, sizeof(name) - 1);
	for (size_t i = 0; i < 8; i++)
		bytes[sizeof(name) + i] = (char)((uint64_t)tenant.v >> (56 - 8 * i));
	return hash_of((str){ bytes, sizeof(bytes) });
}

struct salt ledger_salt(struct op *op)
{
	assert(op->entropy);	/* only the writer's operation has it */
	return entropy_salt(op->entropy);
}

/* ---- appending ---------------------------------------------------------------- */

static enum err read_head(struct op *op, int64_t *ret_seq, struct hash *ret_link)
{
	struct q_ledger_head_get head;
	enum err e = q_ledger_head_get(op, op->tenant, &head);

	if (e == ERR_NOTFOUND) {
		*ret_seq = 0;
		*ret_link = ledger_genesis(op->tenant);
		return ERR_OK;
	}
	if (e)
		return e;
	assert(head.seq > 0);
	*ret_seq = head.seq;
	*ret_link = head.link;
	return ERR_OK;
}

static enum err move_head(struct op *op, int64_t was, int64_t seq, struct hash link)
{
	int64_t changed;

	assert(was >= 0 && seq == was + 1);
	if (was == 0)
		return q_ledger_head_add(op, op->tenant, seq, link);
	TRY(q_ledger_head_set(op, op->tenant, was, seq, link, &changed));
	if (changed != 1)
		return FAIL(op, ERR_CORRUPT, "台账存证的链头不对，请管理员运行 bihuan verify。");
	return ERR_OK;
}

/*
 * What the database gives back, hashed again: a write that went wrong is found before anybody
 * relies on it.
 */
static enum err read_back(struct op *op, int64_t seq, struct hash prev, struct hash link)
{
	struct q_ledger_event_get row;

	TRY(q_ledger_event_get(op, op->tenant, seq, &row));
	if (!hash_eq(ledger_link(prev, ledger_leaf(row.event)), link) || !hash_eq(row.link, link))
		return FAIL(op, ERR_CORRUPT, "刚写入的存证读回来不一致，这次操作已取消。请马上联系管理员。");
	return ERR_OK;
}

static enum err encode_event(struct op *op, const struct ledger_event *e, str *ret_bytes)
{
	struct buf b CLEANUP(buf_release) = { 0 };
	str s;

	buf_init(&b, LEDGER_EVENT_MAX);
	ledger_encode(&b, e);
	if (buf_finish(&b, &s))
		return FAIL(op, ERR_LIMIT, "一条存证太长，没有保存。");
	*ret_bytes = str_dup(op->arena, s);
	return ERR_OK;
}

static void complete(struct op *op, struct ledger_event *e, int64_t seq)
{
	e->tenant = op->tenant;
	e->seq = seq;
	e->at_ms = op->now_ms;
	e->commitment = (struct hash){ { 0 } };
	assert(e->content.ptr || e->content.len == 0);
	if (e->content.ptr)
		e->commitment = hash_commit(e->salt, e->content);
}

enum err ledger_append(struct op *op, const struct ledger_event *given, int64_t *ret_seq)
{
	struct ledger_event e = *given;
	struct hash prev, leaf, link;
	int64_t seq;
	str bytes;

	assert(op->tx_depth == 1 && op->tenant.v != 0);
	assert(op->now_ms != 0);
	assert(e.kind.len > 0 && e.facts_n <= LEDGER_FACTS_MAX);
	TRY(read_head(op, &seq, &prev));
	complete(op, &e, seq + 1);
	TRY(encode_event(op, &e, &bytes));
	leaf = ledger_leaf(bytes);
	link = ledger_link(prev, leaf);
	TRY(q_ledger_event_add(op, &(struct q_ledger_event_add_in){ .tenant = e.tenant,
								    .seq = e.seq,
								    .at = e.at_ms,
								    .kind = e.kind,
								    .subject = e.subject,
								    .account = e.account,
								    .person = e.person,
								    .event = bytes,
								    .commitment = e.commitment,
								    .leaf = leaf,
								    .link = link }));
	TRY(move_head(op, seq, e.seq, link));
	TRY(read_back(op, e.seq, prev, link));
	tx_note_event(op);
	if (ret_seq)
		*ret_seq = e.seq;
	return ERR_OK;
}

enum err ledger_append_erase(struct op *op, account_id account, person_id person, int64_t seq,
			     str reason, int64_t *ret_seq)
{
	struct ledger_fact fact = { STR("reason"), reason };

	assert(seq > 0);
	return ledger_append(op, &(struct ledger_event){
		.kind = STR(LEDGER_KIND_ERASE), .account = account, .person = person,
		.subject_kind = STR("event"), .subject = seq, .facts = &fact, .facts_n = 1,
	}, ret_seq);
}

enum err ledger_link_at(struct op *op, tenant_id tenant, int64_t seq, struct hash *ret_link)
{
	struct q_ledger_event_get row;

	TRY(q_ledger_event_get(op, tenant, seq, &row));
	*ret_link = row.link;
	return ERR_OK;
}

enum err ledger_head_at(struct op *op, tenant_id tenant, int64_t *ret_seq, struct hash *ret_link)
{
	struct q_ledger_head_get head = { 0 };
	enum err e = q_ledger_head_get(op, tenant, &head);

	if (e && e != ERR_NOTFOUND)
		return e;
	*ret_seq = e ? 0 : head.seq;
	*ret_link = e ? ledger_genesis(tenant) : head.link;
	return ERR_OK;
}
