/* SPDX-License-Identifier: Apache-2.0 */
/* java_truststore.h: certificates in Java's own keystore format, written without Java. */
#pragma once
#include <glib.h>

typedef struct {
	const char *alias; /* printable ASCII without capitals: Java looks it up in lower case */
	GBytes *der;       /* one X.509 certificate */
} KilnJavaTrusted;

/**
 * A keystore of type JKS that trusts @entries: what Debian's ca-certificates-java makes too, and every Java reads. The same
 * entries give the same bytes: no salt, and every entry's date is 1970.
 *
 * @password: printable ASCII; it guards the integrity of the file only, and nothing in the file is secret
 * Source: OpenJDK's sun.security.provider.JavaKeyStore, whose comment describes the format.
 */
GBytes *kiln_java_truststore_write(const KilnJavaTrusted *entries, gsize count, const char *password);
