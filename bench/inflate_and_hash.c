/* SPDX-License-Identifier: Apache-2.0 */
/* inflate_and_hash.c: the least that a reader of a gzip layer must do: inflate it with isa-l, hash what comes out with OpenSSL. */
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>

#define BUFFER_BYTES (256 * 1024)

static unsigned char input[BUFFER_BYTES], output[BUFFER_BYTES];

/* Inflate what is in the input, and hash it. */
static int step(struct inflate_state *state, EVP_MD_CTX *hash)
{
	do {
		state->next_out = output;
		state->avail_out = sizeof output;
		if (isal_inflate(state) < 0)
			return -1;
		EVP_DigestUpdate(hash, output, sizeof output - state->avail_out);
	} while (state->avail_in || !state->avail_out);
	return 0;
}

int main(int count, char **words)
{
	struct inflate_state state;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	int fd = count == 2 ? open(words[1], O_RDONLY) : -1;
	ssize_t got = fd < 0 || !EVP_DigestInit(hash, EVP_sha256()) ? -1 : 1;
	isal_inflate_init(&state);
	state.crc_flag = ISAL_GZIP;
	while (got > 0 && (got = read(fd, input, sizeof input)) > 0) {
		state.next_in = input;
		state.avail_in = (uint32_t)got;
		if (step(&state, hash) < 0)
			got = -1;
	}
	if (got < 0) {
		fputs("inflate_and_hash: FILE that is gzip\n", stderr);
		return 1;
	}
	EVP_DigestFinal_ex(hash, digest, &length);
	for (unsigned i = 0; i < length; i++)
		printf("%02x", digest[i]);
	puts("");
	return 0;
}
