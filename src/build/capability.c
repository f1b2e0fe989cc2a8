/* SPDX-License-Identifier: Apache-2.0 */
/* capability.c: a file's capabilities as text and as the kernel keeps them. */
#include "build/capability.h"

#include "base/error.h"

#include <linux/capability.h>
#include <string.h>

/* In the kernel's order: the index is the number. */
static const char *const names[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable",
	"net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace",
	"sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write",
	"audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
	"checkpoint_restore",
};

typedef struct {
	guint64 effective, inheritable, permitted;
} Sets;

/* Bits of "cap_a,CAP_B", "all" or nothing at all, which means all; 0 when a name is not known. */
static guint64 read_list(const char *list)
{
	const guint64 all = (G_GUINT64_CONSTANT(1) << G_N_ELEMENTS(names)) - 1;
	guint64 bits = 0;
	g_auto(GStrv) words = g_strsplit(list, ",", -1);
	if (!list[0] || g_ascii_strcasecmp(list, "all") == 0)
		return all;
	for (char **word = words; *word; word++) {
		gsize i = 0;
		while (i < G_N_ELEMENTS(names) && (g_ascii_strncasecmp(*word, "cap_", 4) != 0 || g_ascii_strcasecmp(*word + 4, names[i]) != 0))
			i++;
		if (i == G_N_ELEMENTS(names))
			return 0;
		bits |= G_GUINT64_CONSTANT(1) << i;
	}
	return bits;
}

static void change(guint64 *set, guint64 bits, gboolean raise)
{
	*set = raise ? *set | bits : *set & ~bits;
}

/* "=ep", "+i-e" after the list of one clause. */
static gboolean apply_actions(Sets *sets, guint64 bits, const char *actions)
{
	char operation = '\0';
	for (; *actions; actions++) {
		guint64 *set = *actions == 'e' ? &sets->effective : *actions == 'i' ? &sets->inheritable : *actions == 'p' ? &sets->permitted : NULL;
		if (*actions == '=') {
			change(&sets->effective, bits, FALSE);
			change(&sets->inheritable, bits, FALSE);
			change(&sets->permitted, bits, FALSE);
		}
		if (strchr("=+-", *actions))
			operation = *actions;
		else if (set && operation)
			change(set, bits, operation != '-');
		else
			return FALSE;
	}
	return TRUE;
}

static void put(guint8 *out, guint32 number)
{
	number = GUINT32_TO_LE(number);
	memcpy(out, &number, sizeof number);
}

gboolean kiln_capability_encode(const char *text, guint8 value[KILN_CAPABILITY_BYTES], GError **error)
{
	Sets sets = { 0 };
	g_auto(GStrv) clauses = g_strsplit_set(text, " \t\n", -1);
	for (char **clause = clauses; *clause; clause++) {
		gsize length = strcspn(*clause, "=+-");
		g_autofree char *list = g_strndup(*clause, length);
		guint64 bits = read_list(list);
		if (!**clause)
			continue;
		if (!bits || !(*clause)[length] || (length == 0 && **clause != '=') || !apply_actions(&sets, bits, *clause + length))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "\"%s\" is no set of capabilities", text);
	}
	guint64 had = sets.permitted | sets.inheritable;
	if (sets.effective && sets.effective != had)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "\"%s\": a file's effective set is empty or all that it has", text);
	put(value, VFS_CAP_REVISION_2 | (sets.effective ? VFS_CAP_FLAGS_EFFECTIVE : 0));
	put(value + 4, (guint32)sets.permitted);
	put(value + 8, (guint32)sets.inheritable);
	put(value + 12, (guint32)(sets.permitted >> 32));
	put(value + 16, (guint32)(sets.inheritable >> 32));
	return TRUE;
}
