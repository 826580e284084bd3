/* instance: see instance.h. Writes of instance values stand under a tenant of their own (1). */
#include "org/instance.h"

#include "gen/q_instance.h"
#include "gen/q_policy.h"
#include "gen/q_unit.h"
#include "store/store.h"

#define INSTANCE_TENANT ((tenant_id){ 1 })
#define TENANTS_PAGE 500
#define BACKUP_VALUE "backup_ms"

enum err instance_get(struct op *op, const char *name, str *ret_value)
{
	struct q_instance_value_get row;
	enum err e = q_instance_value_get(op, str_of(name), &row);

	if (e == ERR_NOTFOUND) {
		*ret_value = STR("");
		return ERR_OK;
	}
	TRY(e);
	*ret_value = row.value;
	return ERR_OK;
}

enum err instance_put(struct op *op, const char *name, str value)
{
	TX_SCOPE(tx);
	TRY(tx_begin_write(op, INSTANCE_TENANT, &tx));
	TRY(q_instance_value_put(op, str_of(name), value));
	return tx_commit(&tx);
}

enum err instance_last_backup(struct op *op, int64_t *ret_ms)
{
	str value;

	TRY(instance_get(op, BACKUP_VALUE, &value));
	if (!str_to_i64(value, ret_ms))
		*ret_ms = 0;
	return ERR_OK;
}

enum err instance_backed_up(struct op *op)
{
	return instance_put(op, BACKUP_VALUE,
			    str_fmt(op->arena, "%lld", (long long)op->now_ms));
}

enum err instance_tenant(struct op *op, str code, tenant_id *ret)
{
	struct q_tenant_by_code row;
	enum err e = q_tenant_by_code(op, code, &row);

	if (e == ERR_NOTFOUND)
		return INVALID(op, STR("unit"), "没有编号为 %.*s 的单位", STR_ARG(code));
	TRY(e);
	*ret = row.id;
	return ERR_OK;
}

enum err instance_tenants(struct op *op, struct tenant_row **ret, size_t *ret_n)
{
	struct { struct tenant_row *at; size_t n, cap; } all = { 0 };

	for (tenant_id after = { 0 };;) {
		struct q_tenants_all *row;
		size_t n;

		TRY(q_tenants_all(op, after, TENANTS_PAGE, &row, &n));
		for (size_t i = 0; i < n; i++) {
			struct tenant_row *t = VEC_PUSH(op->arena, &all);

			*t = (struct tenant_row){ row[i].id, row[i].code, row[i].name,
					row[i].kind };
		}
		if (n < TENANTS_PAGE)
			break;
		after = row[n - 1].id;
	}
	*ret = all.at;
	*ret_n = all.n;
	return ERR_OK;
}
