/*
 * encode: the one byte form of an event, and its strict reader. Fixed order, every
 * value with its length, numbers 8 bytes big-endian; two events are equal if and only
 * if their bytes are. Never JSON text: key order, number forms and escapes differ
 * between writers.
 *
 *	u8 1 (version) | i64 tenant | i64 seq | i64 at_ms | s kind | i64 account | i64 person
 *	| i64 appointment | s subject_kind | i64 subject | 32 bytes commitment
 *	| u32 n | n × (s key, s value)			s = u32 length, bytes
 */
#ifndef LEDGER_ENCODE_H
#define LEDGER_ENCODE_H

#include "ledger/ledger.h"

/* Into `b`; a bound that is passed shows in buf_finish(). */
void ledger_encode(struct buf *b, const struct ledger_event *e);
/* Strict: false unless `bytes` is exactly one event. Views into `bytes`; facts in the arena. */
bool ledger_decode(struct arena *a, str bytes, struct ledger_event *ret_e);

#endif
