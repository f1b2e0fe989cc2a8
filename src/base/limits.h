/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h: the largest input that each reader accepts. Units are in the names. */
#pragma once
#include <glib.h>

#define KILN_KIB ((guint64)1024)
#define KILN_MIB (1024 * KILN_KIB)
#define KILN_GIB (1024 * KILN_MIB)

#define KILN_LIMIT_RECIPE_BYTES (1 * KILN_MIB)
#define KILN_LIMIT_RECIPE_LIST 10000   /* items of one list after merging */
#define KILN_LIMIT_RECIPE_FROM 8       /* recipes that build on each other */
#define KILN_LIMIT_OWN_FILES 100000      /* files that a recipe brings itself */
#define KILN_LIMIT_OWN_FILE_BYTES (2 * KILN_GIB)
#define KILN_LIMIT_CONFIG_BYTES (1 * KILN_MIB)
#define KILN_LIMIT_YAML_NODES 100000  /* after aliases are expanded: stops anchor bombs */
#define KILN_LIMIT_YAML_DEPTH 64      /* nested collections */
#define KILN_LIMIT_JSON_BYTES (256 * KILN_MIB)
#define KILN_LIMIT_JSON_DEPTH 512
#define KILN_LIMIT_LOCK_BYTES (32 * KILN_MIB)
#define KILN_LIMIT_INRELEASE_BYTES (16 * KILN_MIB)
#define KILN_LIMIT_KEYRING_BYTES (8 * KILN_MIB)
#define KILN_LIMIT_INDEX_BYTES (1 * KILN_GIB) /* one Packages or Contents index, inflated */
#define KILN_LIMIT_STANZA_BYTES (4 * KILN_MIB)

#define KILN_LIMIT_COPYRIGHT_BYTES (8 * KILN_MIB)      /* a larger copyright file is kept raw */
#define KILN_LIMIT_LICENCE_BYTES (64 * KILN_KIB)        /* licence as a package database names it */
#define KILN_LIMIT_CHANGELOG_BYTES (64 * KILN_MIB)     /* packed, and inflated */
#define KILN_LIMIT_DEB_BYTES (4 * KILN_GIB)          /* one .deb as downloaded */
#define KILN_LIMIT_DEB_CONTROL_BYTES (64 * KILN_MIB) /* control.tar inflated */
#define KILN_LIMIT_DEB_DATA_BYTES (16 * KILN_GIB)    /* data.tar inflated */
#define KILN_LIMIT_DEB_PATHS_BYTES (256 * KILN_MIB)  /* memory for the paths of one data.tar */
#define KILN_LIMIT_INFLATE_RATIO 2000                /* inflated : compressed, past the first 64 MiB */
#define KILN_LIMIT_INFLATE_RATIO_FROM_BYTES (64 * KILN_MIB)
#define KILN_LIMIT_INFLATE_WINDOW_LOG 27                 /* zstd: 128 MiB, what its highest level uses */
#define KILN_LIMIT_INFLATE_WINDOW_BYTES (128 * KILN_MIB) /* memory of the xz decoder; xz -9 needs 65 MiB */

#define KILN_LIMIT_ZIP_MEMBERS 2000000
#define KILN_LIMIT_ZIP_BYTES (16 * KILN_GIB) /* all members inflated */
#define KILN_LIMIT_TAR_ENTRIES 2000000
#define KILN_LIMIT_TAR_FILE_BYTES (16 * KILN_GIB) /* one file in a tar, holes included */
#define KILN_LIMIT_PATH_BYTES 4096
#define KILN_LIMIT_PATH_COMPONENT_BYTES 255
#define KILN_LIMIT_PATH_DEPTH 256 /* directories of one path: each is looked up for each file below it */
#define KILN_LIMIT_XATTR_BYTES (64 * KILN_KIB)

#define KILN_LIMIT_MANIFEST_BYTES (4 * KILN_MIB)
#define KILN_LIMIT_IMAGE_CONFIG_BYTES (8 * KILN_MIB)
#define KILN_LIMIT_LAYERS 127
#define KILN_LIMIT_INDEX_MANIFESTS 65536                /* of one index, or entries of one layout */
#define KILN_LIMIT_LAYOUT_INDEX_BYTES (64 * KILN_MIB)   /* index.json of a layout */
#define KILN_LIMIT_MANIFEST_DEPTH 8                     /* index in index, artifact about artifact */
#define KILN_LIMIT_IMAGE_BLOBS 100000                    /* of one image with its platforms and artifacts, or of one archive file */
#define KILN_LIMIT_DIFFERENCES 20                       /* shown of two documents that should be the same */
#define KILN_LIMIT_ARCHIVE_NAMES_BYTES (64 * KILN_MIB)   /* memory for the names in one archive file */
#define KILN_LIMIT_LAYER_BYTES (64 * KILN_GIB)          /* one layer inflated */
#define KILN_LIMIT_IMAGE_BYTES (128 * KILN_GIB)         /* content of all files of all layers, holes of sparse files included */
#define KILN_LIMIT_IMAGE_FILES 4000000                  /* files of all layers together */
#define KILN_LIMIT_LAYER_FACTS_BYTES (512 * KILN_MIB)   /* what one layer, or an image, comes to when it was read */
#define KILN_LIMIT_LAYER_FILE_BYTES (192 * KILN_MIB)    /* one file that is looked at whole: package database, program, archive */
#define KILN_LIMIT_OWNED_PATHS_BYTES (64 * KILN_MIB)    /* memory for paths that one package database claims */
#define KILN_LIMIT_IMAGE_NAMES_BYTES (512 * KILN_MIB)   /* memory for their names, link targets and attributes */

#define KILN_LIMIT_RUN_OUTPUT_BYTES (16 * KILN_MIB)   /* kept of what a started program prints */
#define KILN_LIMIT_RUN_CONNECTIONS 256               /* at a time through published ports */
#define KILN_LIMIT_WRITABLE_PATHS 128
#define KILN_LIMIT_ACCOUNT_FILE_BYTES (1 * KILN_MIB) /* etc/passwd or etc/group of an image */
#define KILN_LIMIT_HTTP_HEADER_BYTES (64 * KILN_KIB)
#define KILN_LIMIT_FEED_BYTES (2 * KILN_GIB)         /* one file of a vulnerability feed that is fetched */
#define KILN_LIMIT_EXPORT_BYTES (4 * KILN_GIB)          /* an exported database, compressed */
#define KILN_LIMIT_EXPORT_INFLATED_BYTES (16 * KILN_GIB)
#define KILN_LIMIT_EXPORT_HEADER_BYTES (4 * KILN_MIB)
#define KILN_LIMIT_EXPORT_LINE_BYTES (64 * KILN_MIB)   /* one record in it */
#define KILN_LIMIT_KEY_BYTES (64 * KILN_KIB)           /* a file with a key that signs or verifies */
#define KILN_LIMIT_HTTP_TEST_BYTES (4 * KILN_MIB)    /* body that a fetch test reads */

#define KILN_LIMIT_ELF_BYTES (4 * KILN_GIB)
#define KILN_LIMIT_ELF_STRINGS 65536 /* candidate strings kept of one file */
#define KILN_LIMIT_ELF_TEXT_BYTES (64 * KILN_MIB) /* names and strings copied out of one file */
#define KILN_LIMIT_ELF_SECTIONS 65279             /* above it the count is stored elsewhere (SHN_LORESERVE) */
#define KILN_LIMIT_ELF_SEGMENTS 1024
#define KILN_LIMIT_ELF_NOTES 4096
#define KILN_LIMIT_ELF_NEEDED 4096
#define KILN_LIMIT_SCRIPT_BYTES (4 * KILN_MIB)
#define KILN_LIMIT_SHELL_DEPTH 100                 /* nested commands, quotes and calls of a maintainer script */
#define KILN_LIMIT_SHELL_LEVELS 400                /* commands inside of commands and functions while following them */
#define KILN_LIMIT_SHELL_STEPS 20000               /* commands followed in one script, loops counted out */
#define KILN_LIMIT_SHELL_VALUE_BYTES (8 * KILN_KIB) /* of one variable or word */
#define KILN_LIMIT_SHELL_TEXT_BYTES (256 * KILN_KIB) /* of one here-document or one output */
#define KILN_LIMIT_SHELL_VARIABLES 512
#define KILN_LIMIT_SHELL_EFFECTS 10000
#define KILN_LIMIT_PURL_BYTES 16384
#define KILN_LIMIT_IGNORE_BYTES (4 * KILN_MIB) /* one file of vulnerabilities to ignore */
#define KILN_LIMIT_VERSION_BYTES 4096
#define KILN_LIMIT_VERSION_RANGE_BYTES (64 * KILN_KIB)
#define KILN_LIMIT_VERSION_RANGE_CLAUSES 10000 /* or events */
