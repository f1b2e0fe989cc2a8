/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.c: limits, Landlock and a filter of system calls. */
#include "read/sandbox.h"

#include "base/error.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sanitizers map memory by the terabyte and look around in /proc. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

/* What reading, inflating, hashing and writing to open descriptors needs. */
static const int allowed[] = {
	SCMP_SYS(brk), SCMP_SYS(clock_gettime), SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(fcntl), SCMP_SYS(fcntl64), SCMP_SYS(fstat),
	SCMP_SYS(fstat64), SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(gettid), SCMP_SYS(gettimeofday), SCMP_SYS(lseek),
	SCMP_SYS(_llseek), SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(munmap), SCMP_SYS(newfstatat), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(read),
	SCMP_SYS(readv), SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sigreturn), SCMP_SYS(tgkill), SCMP_SYS(write), SCMP_SYS(writev),
};

/* Libraries may look for configuration, character sets or time zones, and do without. */
static const int refused[] = {
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(getcwd), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(stat), SCMP_SYS(statx), SCMP_SYS(lstat), SCMP_SYS(ioctl), SCMP_SYS(prctl), SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid),
};

/* As in linux/landlock.h of version 6; older kernels take the shorter forms. */
typedef struct {
	guint64 handled_access_fs, handled_access_net, scoped;
} LandlockRules;

#define LANDLOCK_CREATE_RULESET_VERSION 1
#define SYSCALL_LANDLOCK_CREATE_RULESET 444
#define SYSCALL_LANDLOCK_RESTRICT_SELF 446

static gboolean enter_landlock(guint *missing, GError **error)
{
	long version = syscall(SYSCALL_LANDLOCK_CREATE_RULESET, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1) {
		*missing |= KILN_SANDBOX_LANDLOCK;
		return TRUE;
	}
	/* Each version knows more rights; all that this one knows are handled, and none is given. */
	guint file_rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
	LandlockRules rules = { ((guint64)1 << file_rights) - 1, version >= 4 ? 3 : 0, version >= 6 ? 3 : 0 };
	gsize size = version >= 6 ? sizeof rules : version >= 4 ? 2 * sizeof(guint64) : sizeof(guint64);
	int fd = (int)syscall(SYSCALL_LANDLOCK_CREATE_RULESET, &rules, size, 0);
	if (fd < 0 || syscall(SYSCALL_LANDLOCK_RESTRICT_SELF, fd, 0) != 0)
		return kiln_fail(error, KILN_ERROR_DENIED, "the kernel has Landlock and refuses it: %s", g_strerror(errno));
	close(fd);
	return TRUE;
}

static int add_rules(scmp_filter_ctx filter)
{
	int failed = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(allowed) && !failed; i++)
		failed = allowed[i] == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (gsize i = 0; i < G_N_ELEMENTS(refused) && !failed; i++)
		failed = refused[i] == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
	/* No memory becomes program. */
	const int mapping[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect) };
	for (gsize i = 0; i < G_N_ELEMENTS(mapping) && !failed; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, mapping[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return failed;
}

static gboolean enter_filter(guint *missing, GError **error)
{
	if (IS_SANITIZED || prctl(PR_GET_SECCOMP) < 0) {
		*missing |= KILN_SANDBOX_SECCOMP;
		return TRUE;
	}
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int failed = filter ? add_rules(filter) : -ENOMEM;
	failed = failed ? failed : seccomp_load(filter);
	seccomp_release(filter);
	return !failed || kiln_fail(error, KILN_ERROR_DENIED, "the kernel refuses a filter of system calls: %s", g_strerror(-failed));
}

static gboolean limit(int resource, rlim_t value, GError **error)
{
	const struct rlimit both = { value, value };
	return setrlimit(resource, &both) == 0 || kiln_fail(error, KILN_ERROR_DENIED, "a limit cannot be set: %s", g_strerror(errno));
}

static gboolean enter_limits(const KilnSandboxLimits *limits, guint *missing, GError **error)
{
	if (IS_SANITIZED)
		*missing |= KILN_SANDBOX_MEMORY;
	else if (!limit(RLIMIT_DATA, limits->memory_bytes, error))
		return FALSE;
	return limit(RLIMIT_CPU, limits->cpu_s, error) && limit(RLIMIT_CORE, 0, error) && limit(RLIMIT_FSIZE, limits->output_bytes, error) &&
	       limit(RLIMIT_NOFILE, (rlim_t)limits->last_fd + 2, error);
}

/* GLib's own writer asks whether it talks to the journal. */
static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user_data)
{
	for (gsize i = 0; i < count; i++)
		if (strcmp(fields[i].key, "MESSAGE") == 0 && write(STDERR_FILENO, fields[i].value, strlen(fields[i].value)) < 0)
			return G_LOG_WRITER_UNHANDLED;
	return G_LOG_WRITER_HANDLED;
}

gboolean kiln_sandbox_enter(const KilnSandboxLimits *limits, guint *missing, GError **error)
{
	*missing = 0;
	g_log_set_writer_func(write_log, NULL, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_DUMPABLE, IS_SANITIZED) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return kiln_fail(error, KILN_ERROR_DENIED, "privileges cannot be given up: %s", g_strerror(errno));
	if (close_range((guint)limits->last_fd + 1, ~0U, 0) != 0)
		return kiln_fail(error, KILN_ERROR_DENIED, "descriptors cannot be closed: %s", g_strerror(errno));
	return enter_landlock(missing, error) && enter_limits(limits, missing, error) && enter_filter(missing, error);
}

char *kiln_sandbox_parts(guint parts)
{
	static const char *const names[] = { "Landlock", "filters of system calls (seccomp)", "a limit of memory", "a limit of processor time" };
	GString *text = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (parts & (1U << i))
			g_string_append_printf(text, "%s%s", text->len ? ", " : "", names[i]);
	return g_string_free(text, FALSE);
}
