/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_program.c: programs and libraries by the text that tells their version. Who owns the file is asked later: see inventory_noted.c. */
#include "pkg/file_cataloger.h"
#include "pkg/known_program.h"

#include <string.h>

#define TEXT_MAX_BYTES (64 * 1024) /* of a file that speaks for its directory */
#define EVIDENCE_SHOWN_BYTES 80

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static gboolean is_elf(const char *head, gsize length)
{
	return length >= 4 && memcmp(head, "\177ELF", 4) == 0;
}

static gboolean wants(const KilnSeenFile *file)
{
	g_autofree char *release = NULL;
	gboolean is_program = is_elf((const char *)file->head, file->head_length);
	if (!is_program && (file->size > TEXT_MAX_BYTES || !strchr(file->path, '/')))
		return FALSE;
	return kiln_known_program_of_file(kiln_known_programs, name_of(file->path), is_program, &release) != NULL;
}

static gboolean add(KilnFileNotes *notes, const KilnKnownProgram *row, KilnText version, KilnText text, GError **error)
{
	KilnInventoryPackage *package = file_notes_add(notes, "generic", kiln_text(row->name), version, error);
	if (!package)
		return FALSE;
	g_autofree char *shown = g_strndup(text.data, MIN(text.length, EVIDENCE_SHOWN_BYTES)), *valid = g_utf8_make_valid(g_strdelimit(shown, "\n\t", ' '), -1);
	package->evidence = g_strdup_printf("the text \"%s\" in it", g_strstrip(valid));
	/* A distribution's own file that says what it is against one of many texts in a program. */
	package->confidence = row->is_directory ? KILN_CONFIDENCE_MEDIUM : KILN_CONFIDENCE_LOW;
	g_autofree char *directory = row->is_directory ? file_notes_directory(notes, strcmp(row->name, "wordpress") == 0 ? 2 : 1) : NULL;
	g_autofree char *tree = directory ? g_strconcat("/", directory, "/", NULL) : NULL;
	file_notes_claim(package, NULL, kiln_text(tree && *directory ? tree : notes->path));
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	gboolean is_program = is_elf(content.data, content.length);
	GError *reason = NULL;
	char *release;
	for (const KilnKnownProgram *row = kiln_known_programs; !reason && (row = kiln_known_program_of_file(row, name_of(notes->path), is_program, &release)); row++) {
		KilnText version, text;
		if (kiln_known_program_search(row, release, content, &version, &text, &reason) && !add(notes, row, version, text, &reason))
			break;
		g_free(release);
		release = NULL;
	}
	g_free(release);
	if (reason)
		g_propagate_error(error, reason);
	return !reason;
}

const KilnFileCataloger kiln_cataloger_program = { "program", wants, read_file };
