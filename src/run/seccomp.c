/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp.c: tables of system calls by what they are for, and the profile made of them. */
#include "run/seccomp.h"
#include "base/error.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/personality.h>
#include <sys/socket.h>

#define ALLOW "SCMP_ACT_ALLOW"
#define REFUSE "SCMP_ACT_ERRNO"

/* CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of <linux/sched.h>. */
#define CLONE_NAMESPACES 0x7e020000

static const char *const files[] = {
	"access", "chdir", "chmod", "chown", "chown32", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3", "faccessat",
	"faccessat2", "fadvise64", "fadvise64_64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchown32", "fchownat",
	"fcntl", "fcntl64", "fdatasync", "fgetxattr", "flistxattr", "flock", "fremovexattr", "fsetxattr", "fstat", "fstat64", "fstatat64", "fstatfs",
	"fstatfs64", "fsync", "ftruncate", "ftruncate64", "futimesat", "getcwd", "getdents", "getdents64", "getxattr", "getxattrat", "inotify_add_watch",
	"inotify_init", "inotify_init1", "inotify_rm_watch", "ioctl", "lchown", "lchown32", "lgetxattr", "link", "linkat", "listxattr", "listxattrat",
	"llistxattr", "lremovexattr", "lseek", "_llseek", "lsetxattr", "lstat", "lstat64", "mkdir", "mkdirat", "mknod", "mknodat", "newfstatat",
	"open", "openat", "openat2", "pipe", "pipe2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead",
	"readlink", "readlinkat", "readv", "removexattr", "removexattrat", "rename", "renameat", "renameat2", "rmdir", "sendfile", "sendfile64",
	"setxattr", "setxattrat", "splice", "stat", "stat64", "statfs", "statfs64", "statx", "symlink", "symlinkat", "sync", "sync_file_range",
	"syncfs", "tee", "truncate", "truncate64", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimensat_time64", "utimes", "vmsplice",
	"write", "writev",
};

static const char *const memory[] = {
	"brk", "cachestat", "get_mempolicy", "madvise", "map_shadow_stack", "membarrier", "memfd_create", "mincore", "mlock", "mlock2",
	"mlockall", "mmap", "mmap2", "mprotect", "mremap", "mseal", "msync", "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free",
	"pkey_mprotect", "remap_file_pages",
};

static const char *const processes[] = {
	"arch_prctl", "capget", "capset", "execve", "execveat", "exit", "exit_group", "fork", "futex", "futex_requeue", "futex_time64", "futex_wait",
	"futex_waitv", "futex_wake", "get_robust_list", "get_thread_area", "getcpu", "getegid", "getegid32", "geteuid", "geteuid32", "getgid",
	"getgid32", "getgroups", "getgroups32", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getresgid", "getresgid32", "getresuid",
	"getresuid32", "getrlimit", "getrusage", "getsid", "gettid", "getuid", "getuid32", "ioprio_get", "ioprio_set", "kill",
	"landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "pause", "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64",
	"restart_syscall", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend",
	"rt_sigtimedwait", "rt_sigtimedwait_time64", "rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity",
	"sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval", "sched_rr_get_interval_time64", "sched_setaffinity",
	"sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp", "set_robust_list", "set_thread_area", "set_tid_address",
	"setfsgid", "setfsgid32", "setfsuid", "setfsuid32", "setgid", "setgid32", "setgroups", "setgroups32", "setpgid", "setpriority", "setregid",
	"setregid32", "setresgid", "setresgid32", "setresuid", "setresuid32", "setreuid", "setreuid32", "setrlimit", "setsid", "setuid", "setuid32",
	"sigaltstack", "sigreturn", "sysinfo", "tgkill", "times", "tkill", "ugetrlimit", "uname", "vfork", "wait4", "waitid", "waitpid",
};

static const char *const waiting[] = {
	"alarm", "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64",
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "getitimer",
	"gettimeofday", "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_pgetevents_time64", "io_setup", "io_submit", "nanosleep",
	"_newselect", "poll", "ppoll", "ppoll_time64", "pselect6", "pselect6_time64", "select", "setitimer", "signalfd", "signalfd4", "time",
	"timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_gettime64", "timer_settime", "timer_settime64",
	"timerfd_create", "timerfd_gettime", "timerfd_gettime64", "timerfd_settime", "timerfd_settime64",
};

static const char *const communication[] = {
	"accept", "accept4", "bind", "connect", "getpeername", "getrandom", "getsockname", "getsockopt", "ipc", "listen", "mq_getsetattr",
	"mq_notify", "mq_open", "mq_timedreceive", "mq_timedreceive_time64", "mq_timedsend", "mq_timedsend_time64", "mq_unlink", "msgctl", "msgget",
	"msgrcv", "msgsnd", "recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "semctl", "semget", "semop", "semtimedop",
	"semtimedop_time64", "send", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shmat", "shmctl", "shmdt", "shmget", "shutdown", "socketpair",
};

/* Known, and for the administrator of a host: EPERM, the answer that programs get there without the capability. */
static const char *const privileged[] = {
	"acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime", "create_module", "delete_module", "fanotify_init",
	"fanotify_mark", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "get_kernel_syms", "init_module", "io_uring_enter",
	"io_uring_register", "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mbind",
	"migrate_pages", "modify_ldt", "mount", "mount_setattr", "move_mount", "move_pages", "name_to_handle_at", "nfsservctl", "open_by_handle_at",
	"open_tree", "perf_event_open", "pidfd_getfd", "pivot_root", "process_madvise", "process_mrelease", "process_vm_readv", "process_vm_writev",
	"ptrace", "query_module", "quotactl", "quotactl_fd", "reboot", "request_key", "set_mempolicy", "set_mempolicy_home_node", "setdomainname",
	"sethostname", "setns", "settimeofday", "stime", "swapoff", "swapon", "sysfs", "syslog", "_sysctl", "umount", "umount2", "unshare",
	"uselib", "userfaultfd", "ustat", "vhangup", "vm86", "vm86old",
};

static json_t *rule(json_t *names, const char *action)
{
	return json_pack("{s:o, s:s}", "names", names, "action", action);
}

static json_t *refusal(json_t *names, int number)
{
	return json_pack("{s:o, s:s, s:i}", "names", names, "action", REFUSE, "errnoRet", number);
}

/* One call that is allowed for one value of an argument; @mask 0 compares all bits. */
static json_t *rule_for_argument(const char *name, int index, guint64 value, guint64 mask)
{
	json_t *argument = mask ? json_pack("{s:i, s:I, s:I, s:s}", "index", index, "value", (json_int_t)mask, "valueTwo", (json_int_t)value, "op", "SCMP_CMP_MASKED_EQ")
	                        : json_pack("{s:i, s:I, s:s}", "index", index, "value", (json_int_t)value, "op", "SCMP_CMP_EQ");
	return json_pack("{s:[s], s:s, s:[o]}", "names", name, "action", ALLOW, "args", argument);
}

static void append_known(json_t *into, const char *const *names, gsize count)
{
	for (gsize i = 0; i < count; i++)
		if (seccomp_syscall_resolve_name(names[i]) != __NR_SCMP_ERROR)
			json_array_append_new(into, json_string(names[i]));
}

static const char *architecture_name(guint32 architecture)
{
	static const struct {
		guint32 value;
		const char *name;
	} known[] = {
		{ SCMP_ARCH_X86_64, "SCMP_ARCH_X86_64" },
		{ SCMP_ARCH_AARCH64, "SCMP_ARCH_AARCH64" },
		{ SCMP_ARCH_ARM, "SCMP_ARCH_ARM" },
		{ SCMP_ARCH_X86, "SCMP_ARCH_X86" },
		{ SCMP_ARCH_PPC64LE, "SCMP_ARCH_PPC64LE" },
		{ SCMP_ARCH_RISCV64, "SCMP_ARCH_RISCV64" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].value == architecture)
			return known[i].name;
	return NULL; /* among them s390x, where clone() has its flags in another argument */
}

static void append_conditional(json_t *rules)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
	/* Linux, 32-bit layout, and both with UNAME26; all bits set only asks. */
	static const guint64 personalities[] = { PER_LINUX, PER_LINUX32, UNAME26, PER_LINUX32 | UNAME26, 0xffffffff };
	json_array_append_new(rules, rule_for_argument("clone", 0, 0, CLONE_NAMESPACES));
	for (gsize i = 0; i < G_N_ELEMENTS(families); i++)
		json_array_append_new(rules, rule_for_argument("socket", 0, (guint64)families[i], 0));
	for (gsize i = 0; i < G_N_ELEMENTS(personalities); i++)
		json_array_append_new(rules, rule_for_argument("personality", 0, personalities[i], 0));
}

json_t *kiln_seccomp_profile(GError **error)
{
	static const struct {
		const char *const *names;
		gsize count;
	} allowed[] = {
		{ files, G_N_ELEMENTS(files) }, { memory, G_N_ELEMENTS(memory) }, { processes, G_N_ELEMENTS(processes) },
		{ waiting, G_N_ELEMENTS(waiting) }, { communication, G_N_ELEMENTS(communication) },
	};
	const char *architecture = architecture_name(seccomp_arch_native());
	if (!architecture) {
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "no system call filter is known for this processor; kiln starts images on amd64 and arm64 hosts");
		return NULL;
	}
	json_t *names = json_array(), *refused = json_array(), *rules = json_array();
	for (gsize i = 0; i < G_N_ELEMENTS(allowed); i++)
		append_known(names, allowed[i].names, allowed[i].count);
	append_known(refused, privileged, G_N_ELEMENTS(privileged));
	json_array_append_new(rules, rule(names, ALLOW));
	append_conditional(rules);
	json_array_append_new(rules, refusal(refused, EPERM));
	json_array_append_new(rules, refusal(json_pack("[s]", "clone3"), ENOSYS));
	return json_pack("{s:s, s:i, s:[s], s:o}", "defaultAction", REFUSE, "defaultErrnoRet", ENOSYS, "architectures", architecture, "syscalls", rules);
}
