/* SPDX-License-Identifier: Apache-2.0 */
/* options.c: the options that every command has. */
#include "cli/command.h"

static const char *const formats[] = { "table", "json", NULL };

static const KilnOption options[] = {
	{ "help", 'h', KILN_OPTION_FLAG, NULL, "show the help of a command", KILN_COMPLETE_NONE, NULL },
	{ "version", 'V', KILN_OPTION_FLAG, NULL, "show kiln's version", KILN_COMPLETE_NONE, NULL },
	{ "format", 0, KILN_OPTION_STRING, "FORMAT", "table for people, or one json document", KILN_COMPLETE_WORDS, formats },
	{ "quiet", 'q', KILN_OPTION_FLAG, NULL, "print errors and the result only", KILN_COMPLETE_NONE, NULL },
	{ "verbose", 'v', KILN_OPTION_FLAG, NULL, "say what each phase did, errors with their kind", KILN_COMPLETE_NONE, NULL },
	{ "no-progress", 0, KILN_OPTION_FLAG, NULL, "no progress line on the terminal", KILN_COMPLETE_NONE, NULL },
	{ "no-color", 0, KILN_OPTION_FLAG, NULL, "no colours on the terminal", KILN_COMPLETE_NONE, NULL },
	{ "offline", 0, KILN_OPTION_FLAG, NULL, "open no socket; say what is missing instead", KILN_COMPLETE_NONE, NULL },
	{ "jobs", 'j', KILN_OPTION_NUMBER, "N", "work on N things at once (default: one per CPU)", KILN_COMPLETE_NONE, NULL },
	{ "store", 0, KILN_OPTION_STRING, "DIR", "packages and images, kept", KILN_COMPLETE_DIRECTORY, NULL },
	{ "cache-dir", 0, KILN_OPTION_STRING, "DIR", "what may be deleted at any time", KILN_COMPLETE_DIRECTORY, NULL },
	{ "config", 0, KILN_OPTION_STRING, "FILE", "settings (else kiln.yaml in ~/.config, /etc)", KILN_COMPLETE_FILE, NULL },
	{ NULL, 0, KILN_OPTION_FLAG, NULL, NULL, KILN_COMPLETE_NONE, NULL },
};

const KilnOption *kiln_global_options(void)
{
	return options;
}
