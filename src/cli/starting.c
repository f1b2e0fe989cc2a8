/* SPDX-License-Identifier: Apache-2.0 */
/* starting.c: options, image and hardening of what is started. */
#include "cli/starting.h"

#include "base/error.h"
#include "base/limits.h"
#include "cli/render.h"

#include <stdio.h>
#include <unistd.h>

#define PIDS_MAX (4 * 1024 * 1024) /* of the kernel: PID_MAX_LIMIT */

gboolean kiln_starting_options(const KilnInvocation *invocation, KilnRunOptions *options, GError **error)
{
	guint64 memory = 0, pids = 0;
	if (kiln_option_number(invocation, "memory", &memory) && memory < KILN_MIB)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "--memory %s: no program starts in less than 1M", kiln_option_string(invocation, "memory"));
	if (kiln_option_number(invocation, "pids-limit", &pids) && (pids == 0 || pids > PIDS_MAX))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "--pids-limit %s: expected 1 to %d", kiln_option_string(invocation, "pids-limit"), PIDS_MAX);
	options->runtime = kiln_option_string(invocation, "runtime");
	options->memory_max_bytes = memory;
	options->pids_max = (guint)pids;
	kiln_subordinate_ids_find(g_get_user_name(), geteuid(), &options->subordinate);
	return TRUE;
}

KilnImage *kiln_starting_image(const KilnInvocation *invocation, const char *reference, GError **error)
{
	g_autoptr(KilnImage) image = kiln_image_open(reference, invocation->images_path, NULL, error);
	if (!image)
		return NULL;
	const KilnPlatform *host = kiln_platform_host();
	if (g_strcmp0(image->config->architecture, host->architecture) != 0)
		kiln_context_notice(&invocation->context, "%s is for %s and this host is %s; it starts only if the kernel can emulate that", reference,
		                    image->config->architecture, host->architecture);
	return g_steal_pointer(&image);
}

/* As people give it: in powers of 1024. */
static char *memory_text(guint64 bytes)
{
	return bytes % KILN_MIB ? kiln_size_text(bytes) : g_strdup_printf("%" G_GUINT64_FORMAT " MiB", bytes / KILN_MIB);
}

void kiln_starting_explain(KilnInvocation *invocation, const KilnHardening *hardening)
{
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "ll");
	g_autofree char *writable = g_strjoinv(", ", hardening->writable), *memory = memory_text(hardening->memory_max_bytes);
	g_autofree char *runtime = g_strdup_printf("%s, %s", hardening->runtime, hardening->rootless ? "rootless: in a user namespace" : "as root");
	g_autofree char *user = g_strdup_printf("%u:%u", hardening->uid, hardening->gid);
	g_autofree char *files = g_strdup_printf("read-only; writable are %s", *writable ? writable : "none");
	g_autofree char *limits = g_strdup_printf("%s of memory, %u processes, by %s", memory, hardening->pids_max,
	                                          hardening->limits_by_cgroup ? "cgroup" : "resource limits of each process");
	kiln_table_add(table, "runtime", runtime, NULL);
	kiln_table_add(table, "user", user, NULL);
	kiln_table_add(table, "files", files, NULL);
	kiln_table_add(table, "kernel", "no capability, no new privileges, default-deny seccomp, masked /proc and /sys", NULL);
	kiln_table_add(table, "network", hardening->host_network ? "the host's" : "its own, with loopback only", NULL);
	kiln_table_add(table, "limits", limits, NULL);
	kiln_output_begin(invocation);
	kiln_table_print(table, stderr, 2, 0, FALSE);
}
