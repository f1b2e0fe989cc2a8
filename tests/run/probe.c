/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c: the program in the images of run_test.py: says from the inside what may be done there. Linked statically; uses the C library alone. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int say(const char *what, int failed)
{
	printf("%s: %s\n", what, failed ? strerrorname_np(errno) : "done");
	return failed ? 1 : 0;
}

static int show_file(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY);
	ssize_t count;
	if (fd < 0)
		return say(path, 1);
	while ((count = read(fd, buffer, sizeof buffer)) > 0)
		fwrite(buffer, 1, (size_t)count, stdout);
	close(fd);
	return count < 0 ? say(path, 1) : 0;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	return say(path, fd < 0 || write(fd, text, strlen(text)) < 0);
}

static int fill_file(const char *path, const char *mebibytes)
{
	static const char block[1 << 20];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), failed = fd < 0;
	for (int left = atoi(mebibytes); !failed && left > 0; left--)
		for (ssize_t done = 0, count; !failed && done < (ssize_t)sizeof block; done += count) {
			count = write(fd, block, sizeof block - (size_t)done);
			failed = count < 0;
		}
	return say(path, failed);
}

static int show_link(const char *path)
{
	char target[256];
	ssize_t length = readlink(path, target, sizeof target);
	if (length < 0)
		return say(path, 1);
	printf("%.*s\n", (int)length, target);
	return 0;
}

static int show_status(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return say(path, 1);
	printf("%s: %04o %u:%u\n", path, status.st_mode & 07777, status.st_uid, status.st_gid);
	return 0;
}

/* What an attacker would try first. */
static int attack(const char *unused)
{
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	say("packet socket", fd < 0);
	say("mount", mount("tmpfs", "/tmp", "tmpfs", 0, NULL));
	say("unshare user", unshare(CLONE_NEWUSER));
	say("ptrace", (int)syscall(SYS_ptrace, 0, 0, 0, 0));
	say("keyctl", (int)syscall(SYS_keyctl, 0, 0, 0));
	say("bpf", (int)syscall(SYS_bpf, 0, 0, 0));
	say("sethostname", sethostname("x", 1));
	say("setuid 0", setuid(0));
	say("mknod", mknod("/writable/device", S_IFCHR | 0600, 0x0103));
	say("chmod setuid", chmod("/probe", 04755));
	say("write sysctl", open("/proc/sys/kernel/hostname", O_WRONLY) < 0);
	return 0;
}

/* Programs that ask for more processes than they may have: how many there were. */
static int fork_many(const char *text)
{
	int wanted = atoi(text), made = 0;
	while (made < wanted) {
		pid_t pid = fork();
		if (pid == 0) {
			pause();
			_exit(0);
		}
		if (pid < 0)
			break;
		made++;
	}
	printf("forked %d of %d: %s\n", made, wanted, made < wanted ? strerrorname_np(errno) : "all");
	return 0; /* as the first process of its namespace it takes the others with it */
}

static int eat_memory(const char *text)
{
	size_t bytes = (size_t)atoi(text) << 20;
	char *memory = malloc(bytes);
	if (!memory)
		return say("malloc", 1);
	memset(memory, 1, bytes);
	printf("ate %s MiB%c\n", text, memory[bytes / 2] == 1 ? '.' : '?');
	return 0;
}

static void on_signal(int number)
{
	char text[32];
	int length = snprintf(text, sizeof text, "got %s\n", sigabbrev_np(number));
	if (write(STDOUT_FILENO, text, (size_t)length) != length)
		_exit(9);
	if (number == SIGTERM || number == SIGINT)
		_exit(number);
}

static _Noreturn int wait_for_signals(const char *unused)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], on_signal);
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}

/* Handles nothing, so that only a kill ends the first process of a namespace. */
static _Noreturn int wait_deaf(const char *unused)
{
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}

static int die(const char *text)
{
	pid_t pid = fork();
	int status;
	if (pid == 0) { /* not the first of its namespace, so that the signal works */
		raise(atoi(text));
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static struct sockaddr_in loopback(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void on_stop(int number)
{
	_exit(0);
}

/* HTTP/1.0 on every request, with what is in /writable/page when that is there. */
static int serve(const char *port)
{
	static const char head[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello from the probe\n";
	struct sockaddr_in address = loopback(port);
	int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
	signal(SIGTERM, on_stop);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0)
		return say("listen", 1);
	printf("serving\n");
	fflush(stdout);
	for (;;) {
		char request[2048], page[256];
		int client = accept(listener, NULL, NULL), fd = open("/writable/page", O_RDONLY);
		ssize_t length = fd < 0 ? 0 : read(fd, page, sizeof page);
		if (client < 0 || read(client, request, sizeof request) < 0 || write(client, head, sizeof head - 1) < 0 ||
		    (length > 0 && write(client, page, (size_t)length) < 0))
			say("serve", 1);
		close(client);
		close(fd);
	}
}

static int fetch(const char *port)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	struct sockaddr_in address = loopback(port);
	char answer[4096];
	ssize_t count;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 || write(fd, request, sizeof request - 1) < 0)
		return say("connect", 1);
	while ((count = read(fd, answer, sizeof answer)) > 0)
		fwrite(answer, 1, (size_t)count, stdout);
	return count < 0 ? say("read", 1) : 0;
}

static int copy_input(const char *unused)
{
	int c;
	while ((c = getchar()) != EOF)
		putchar(c);
	printf("end of input\n");
	return 0;
}

static int show_terminal(const char *unused)
{
	struct winsize size = { 0 };
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	printf("terminal %d%d%d %ux%u TERM=%s\n", isatty(0), isatty(1), isatty(2), size.ws_col, size.ws_row, getenv("TERM") ? getenv("TERM") : "");
	return 0;
}

static void on_resize(int number)
{
}

/* The terminal's size at first and after it changed. */
static int show_resize(const char *unused)
{
	struct winsize size = { 0 };
	sigset_t resize, before;
	sigemptyset(&resize);
	sigaddset(&resize, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resize, &before);
	signal(SIGWINCH, on_resize);
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	printf("before %ux%u\n", size.ws_col, size.ws_row);
	fflush(stdout);
	for (unsigned short columns = size.ws_col; size.ws_col == columns; ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		sigsuspend(&before);
	printf("after %ux%u\n", size.ws_col, size.ws_row);
	return 0;
}

static int print_much(const char *kibibytes)
{
	for (int left = atoi(kibibytes); left > 0; left--)
		printf("%1023s\n", "x");
	return 0;
}

static int show_environment(const char *unused)
{
	char directory[256];
	for (char **variable = environ; *variable; variable++)
		puts(*variable);
	printf("directory %s\nuser %u:%u\n", getcwd(directory, sizeof directory), getuid(), getgid());
	return 0;
}

static int leave(const char *text)
{
	fprintf(stderr, "leaving with %s\n", text);
	return atoi(text);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(const char *argument);
	} verbs[] = {
		{ "cat", show_file },       { "stat", show_status },    { "attack", attack },     { "fork", fork_many },    { "eat", eat_memory },
		{ "wait", wait_for_signals }, { "deaf", wait_deaf },    { "die", die },           { "serve", serve },       { "fetch", fetch },
		{ "copy", copy_input },     { "terminal", show_terminal }, { "environment", show_environment }, { "exit", leave },
		{ "link", show_link },      { "resized", show_resize },
		{ "print", print_much },
	};
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return write_file(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "fill") == 0)
		return fill_file(argv[2], argv[3]);
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(argv[1], verbs[i].word) == 0)
			return verbs[i].run(argc > 2 ? argv[2] : "");
	fprintf(stderr, "probe: what?\n");
	return 99;
}
