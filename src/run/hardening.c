/* SPDX-License-Identifier: Apache-2.0 */
/* hardening.c: what is in force in a started image, as a document. */
#include "run/runtime.h"

json_t *kiln_hardening_to_json(const KilnHardening *hardening)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "runtime", hardening->runtime);
	json_object_set_new(object, "rootless", json_boolean(hardening->rootless));
	json_object_set_new(object, "user", json_pack("{s:I, s:I}", "uid", (json_int_t)hardening->uid, "gid", (json_int_t)hardening->gid));
	json_object_set_new(object, "readOnlyRoot", json_true());
	json_object_set_new(object, "capabilities", json_array());
	json_object_set_new(object, "noNewPrivileges", json_true());
	kiln_json_set_string(object, "seccomp", "default-deny");
	kiln_json_set_string(object, "network", hardening->host_network ? "host" : "own");
	json_object_set_new(object, "writable", kiln_json_from_strv((const char *const *)hardening->writable));
	kiln_json_set_integer(object, "memoryMaxBytes", (gint64)hardening->memory_max_bytes);
	kiln_json_set_integer(object, "pidsMax", hardening->pids_max);
	kiln_json_set_string(object, "limits", hardening->limits_by_cgroup ? "cgroup" : "rlimit");
	return object;
}
