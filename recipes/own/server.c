/* SPDX-License-Identifier: Apache-2.0 */
/* server.c: a small HTTP server that needs a library of a package: it answers with who it is and with the SHA-256 of what was asked for. */
#include <openssl/evp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#define PORT 8080

static void write_all(int peer, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(peer, text, length);
		if (written <= 0)
			return;
		text += written;
		length -= (size_t)written;
	}
}

static void answer(int peer)
{
	char request[4096], path[1024] = "", body[2048], head[256], hex[EVP_MAX_MD_SIZE * 2 + 1] = "";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	ssize_t length = read(peer, request, sizeof request - 1);
	const struct passwd *user = getpwuid(getuid());
	if (length <= 0)
		return;
	request[length] = '\0';
	if (sscanf(request, "GET %1023s HTTP/1.", path) != 1)
		return;
	if (EVP_Digest(path, strlen(path), digest, &size, EVP_sha256(), NULL))
		for (unsigned int i = 0; i < size; i++)
			snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	int written = snprintf(body, sizeof body, "%s answers %s with %s\n", user ? user->pw_name : "nobody known", path, hex);
	int headed = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", written);
	write_all(peer, head, (size_t)headed);
	write_all(peer, body, (size_t)written);
}

static void stop(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

int main(void)
{
	int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, stop);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 16) < 0) {
		perror("cannot listen");
		return 1;
	}
	for (;;) {
		int peer = accept(listener, NULL, NULL);
		if (peer < 0)
			continue;
		answer(peer);
		close(peer);
	}
}
