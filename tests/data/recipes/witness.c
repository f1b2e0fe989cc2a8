/* SPDX-License-Identifier: Apache-2.0 */
/* witness.c: what a program of a user's own finds in an image. Linked statically it leaves out what only a shared C library can do. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wctype.h>

static int count_lines_with(const char *path, const char *part)
{
	char line[4096];
	int count = 0;
	FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		count += strstr(line, part) != NULL;
	if (file)
		fclose(file);
	return count;
}

int main(void)
{
	time_t summer = 1782907200; /* 2026-07-01T12:00:00Z */
	setenv("TZ", "Europe/Berlin", 1);
	printf("uid %u\n", getuid());
	printf("summer hour %d\n", localtime(&summer)->tm_hour);
	printf("authorities %s\n", count_lines_with("/etc/ssl/certs/ca-certificates.crt", "BEGIN CERTIFICATE") > 100 ? "many" : "none");
	printf("account %d\n", count_lines_with("/etc/passwd", "nonroot:x:65532:65532:"));
	printf("root %s\n", open("/file", O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS ? "read-only" : "writable");
#ifndef STATIC
	struct passwd *user = getpwuid(getuid());
	struct addrinfo *found = NULL;
	struct servent *service = getservbyname("https", "tcp");
	printf("locale %s\n", setlocale(LC_ALL, "") && iswalpha(0xe4) ? "knows letters" : "C");
	printf("name %s\n", user ? user->pw_name : "none");
	printf("localhost %s\n", getaddrinfo("localhost", "https", NULL, &found) == 0 ? "found" : "unknown");
	printf("https %d\n", service ? service->s_port >> 8 | (service->s_port & 255) << 8 : 0);
#endif
	return 0;
}
