/* SPDX-License-Identifier: Apache-2.0 */
/* config.h: the image configuration. Source: OCI image-spec 1.1, config.md; Docker's Healthcheck beside it. */
#pragma once
#include "base/digest.h"
#include "data/json.h"

/* Label with a JSON list of what the image's user may write: [{"path","kind":"tmpfs"|"volume","mode","uid","gid","size"}]. */
#define KILN_LABEL_WRITABLE "dev.kiln.writable"

typedef struct {
	char **test; /* "CMD", "/usr/bin/x", ... or "CMD-SHELL", ...; NULL: no health check */
	guint64 interval_ns, timeout_ns, start_period_ns;
	guint retries;
} KilnHealthcheck;

typedef struct {
	char *created; /* RFC 3339 */
	char *author;
	char *os, *architecture, *variant;
	char *user;            /* "65532:65532" */
	char **exposed_ports;  /* "8080/tcp", sorted; NULL-terminated, never NULL after parse (nor the vectors below) */
	char **environment;    /* "KEY=value" in order */
	char **entrypoint, **command;
	char **volumes;        /* sorted paths */
	char *working_directory;
	char **labels;         /* key, value, ...; sorted by key */
	char *stop_signal;
	KilnHealthcheck healthcheck;
	KilnDigest *diff_ids;  /* uncompressed digest of each layer */
	gsize diff_id_count;
	GPtrArray *history;    /* KilnHistory */
} KilnImageConfig;

typedef struct {
	char *created, *created_by, *comment;
	gboolean empty_layer;
} KilnHistory;

KilnImageConfig *kiln_image_config_new(void);
KilnImageConfig *kiln_image_config_parse(GBytes *bytes, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *kiln_image_config_print(const KilnImageConfig *config);
void kiln_image_config_free(KilnImageConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnImageConfig, kiln_image_config_free)
