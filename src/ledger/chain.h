/* chain: the hashes of the ledger (formulas: ledger/ledger.h). Pure but for none: no store here. */
#ifndef LEDGER_CHAIN_H
#define LEDGER_CHAIN_H

#include "base/hash.h"
#include "base/ids.h"
#include "base/str.h"

struct hash ledger_leaf(str event_bytes);
struct hash ledger_link(struct hash prev, struct hash leaf);
struct hash ledger_genesis(tenant_id tenant);

#endif
