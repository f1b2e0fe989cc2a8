/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_vex.c: kiln vex: statements about vulnerabilities: what is weak about those that are there, and new ones from findings. */
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/render.h"
#include "cli/scanning.h"
#include "io/file.h"
#include "vuln/vex_lint.h"
#include "vuln/vex_write.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const char *const status_words[] = { [KILN_VEX_NOT_AFFECTED] = "not affected", [KILN_VEX_AFFECTED] = "affected", [KILN_VEX_FIXED] = "fixed",
	                                    [KILN_VEX_UNDER_INVESTIGATION] = "under investigation", [KILN_VEX_IGNORED] = "ignored" };

static void print_statement(const KilnVex *vex, guint index, const GPtrArray *remarks, gboolean with_image)
{
	const KilnVexStatement *statement = vex->statements->pdata[index];
	g_autofree char *name = kiln_printable(statement->names->len ? statement->names->pdata[0] : "(no vulnerability)", FALSE), *origin = kiln_printable(statement->origin, FALSE);
	printf("%s: %s, %s", origin, name, status_words[statement->status]);
	if (with_image)
		printf(": decides about %u %s", statement->touched, statement->touched == 1 ? "finding" : "findings");
	printf("\n");
	for (guint i = 0; i < remarks->len; i++) {
		const KilnVexRemark *remark = remarks->pdata[i];
		g_autofree char *what = kiln_printable(remark->what, FALSE);
		if (remark->statement == index)
			printf("  %s: %s\n", remark->kind, what);
	}
}

static void print_json(const KilnVex *vex, const GPtrArray *remarks, gboolean with_image)
{
	g_autoptr(json_t) list = json_array();
	for (guint i = 0; i < vex->statements->len; i++) {
		const KilnVexStatement *statement = vex->statements->pdata[i];
		json_t *object = json_object(), *said = json_array();
		kiln_json_set_string(object, "statement", statement->origin);
		kiln_json_set_string(object, "vulnerability", statement->names->len ? statement->names->pdata[0] : NULL);
		kiln_json_set_string(object, "status", status_words[statement->status]);
		if (with_image)
			kiln_json_set_integer(object, "findings", statement->touched);
		for (guint j = 0; j < remarks->len; j++) {
			const KilnVexRemark *remark = remarks->pdata[j];
			if (remark->statement == i)
				json_array_append_new(said, json_pack("{s:s, s:s}", "kind", remark->kind, "what", remark->what));
		}
		json_object_set_new(object, "remarks", said);
		json_array_append_new(list, object);
	}
	kiln_print_json(list);
}

static int show_lint(KilnInvocation *invocation, const KilnVex *vex, const GPtrArray *remarks, gboolean with_image)
{
	kiln_output_begin(invocation);
	if (invocation->json)
		print_json(vex, remarks, with_image);
	for (guint i = 0; !invocation->json && i < vex->statements->len; i++)
		print_statement(vex, i, remarks, with_image);
	if (!invocation->json && !vex->statements->len)
		printf("no statements\n");
	return remarks->len ? KILN_EXIT_FINDINGS : KILN_EXIT_CLEAN;
}

static int lint(KilnInvocation *invocation, GError **error)
{
	const char *reference = kiln_option_string(invocation, "image");
	g_autoptr(KilnVex) vex = kiln_vex_new();
	int code = KILN_EXIT_ERROR;
	for (char **path = invocation->arguments + 1; *path; path++)
		if (!kiln_vex_read(vex, *path, error))
			return KILN_EXIT_ERROR;
	if (!reference) {
		g_autoptr(GPtrArray) remarks = kiln_vex_lint(vex, NULL, NULL, invocation->context.now_unix_s);
		return show_lint(invocation, vex, remarks, FALSE);
	}
	g_autoptr(KilnDatabase) database = kiln_scanning_database(invocation, &code, error);
	g_autoptr(KilnSubject) subject = database ? kiln_subject_open(invocation, reference, error) : NULL;
	g_autoptr(KilnScanResult) result = subject ? kiln_scanning_run(invocation, reference, subject, database, vex, NULL, error) : NULL;
	if (!result)
		return code;
	const KilnVexSubject about = { reference, subject->digest, subject->inventory, invocation->context.now_unix_s };
	g_autoptr(GPtrArray) remarks = kiln_vex_lint(vex, &about, result, invocation->context.now_unix_s);
	return show_lint(invocation, vex, remarks, TRUE);
}

static gboolean check_word(const char *option, const char *word, const char *const *known, GError **error)
{
	if (!word || g_strv_contains(known, word))
		return TRUE;
	g_autofree char *hint = kiln_text_suggest(word, known, "known are");
	return kiln_fail(error, KILN_ERROR_SYNTAX, "--%s %s: %s", option, word, hint);
}

/* What was asked to be said. FALSE: it contradicts itself. */
static gboolean read_draft(const KilnInvocation *invocation, KilnVexDraft *draft, GError **error)
{
	draft->status = kiln_option_string(invocation, "status");
	draft->justification = kiln_option_string(invocation, "justification");
	draft->impact = kiln_option_string(invocation, "impact");
	draft->action = kiln_option_string(invocation, "action");
	if (!draft->status)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "kiln vex add: say --status not_affected, affected, fixed or under_investigation");
	if (!check_word("status", draft->status, kiln_vex_statuses(), error) || !check_word("justification", draft->justification, kiln_vex_justifications(), error))
		return FALSE;
	gboolean denies = strcmp(draft->status, "not_affected") == 0;
	if (denies && !draft->justification && !draft->impact)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "kiln vex add: not_affected needs --justification, or --impact in words: nobody believes it otherwise");
	if (!denies && draft->justification)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "kiln vex add: --justification goes with not_affected only");
	return TRUE;
}

static gboolean write_drafts(KilnInvocation *invocation, const GArray *drafts, GError **error)
{
	const char *format = kiln_option_string(invocation, "format"), *author = kiln_option_string(invocation, "author");
	const char *const *outputs = kiln_option_list(invocation, "output");
	gint64 now_unix_s = invocation->context.now_unix_s;
	const KilnVexDraft *all = (const KilnVexDraft *)drafts->data;
	author = author ? author : "unknown";
	g_autoptr(GBytes) bytes = g_strcmp0(format, "csaf") == 0 ? kiln_vex_write_csaf(all, drafts->len, author, now_unix_s) : kiln_vex_write_openvex(all, drafts->len, author, now_unix_s);
	if (*outputs)
		return kiln_file_write_at(AT_FDCWD, *outputs, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
	kiln_output_begin(invocation);
	fwrite(g_bytes_get_data(bytes, NULL), 1, g_bytes_get_size(bytes), stdout);
	return TRUE;
}

/* One statement for each package that has it. */
static gboolean add_statements(KilnInvocation *invocation, const KilnSubject *subject, const KilnScanResult *result, KilnVexDraft draft, GError **error)
{
	const char *reference = invocation->arguments[1], *name = invocation->arguments[2], *only = kiln_option_string(invocation, "package");
	const GPtrArray *const lists[] = { result->findings, result->suppressed };
	g_autofree char *product = kiln_vex_product(reference, &subject->digest);
	g_autoptr(GArray) drafts = g_array_new(FALSE, FALSE, sizeof(KilnVexDraft));
	g_autoptr(GPtrArray) purls = g_ptr_array_new_with_free_func(g_free);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		for (guint j = 0; j < lists[i]->len; j++) {
			const KilnFinding *finding = lists[i]->pdata[j];
			const KilnPackage *package = &((const KilnInventoryPackage *)subject->inventory->packages->pdata[finding->package])->identity;
			if (!kiln_finding_is_named(finding, name) || (only && strcmp(only, package->name) != 0))
				continue;
			char *purl = kiln_package_purl(package);
			g_ptr_array_add(purls, purl);
			draft.vulnerability = finding->id;
			draft.aliases = finding->aliases;
			draft.product = product;
			draft.subcomponent = purl;
			g_array_append_val(drafts, draft);
		}
	if (!drafts->len)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: nothing is found of %s%s%s: there is nothing to say about it", reference, name, only ? " in " : "", only ? only : "");
	return write_drafts(invocation, drafts, error);
}

static int add(KilnInvocation *invocation, GError **error)
{
	int code = KILN_EXIT_ERROR;
	KilnVexDraft draft = { 0 };
	if (!invocation->arguments[1] || !invocation->arguments[2] || invocation->arguments[3]) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "kiln vex add: name an image and a vulnerability");
		return KILN_EXIT_ERROR;
	}
	if (!read_draft(invocation, &draft, error))
		return KILN_EXIT_ERROR;
	g_autoptr(KilnDatabase) database = kiln_scanning_database(invocation, &code, error);
	g_autoptr(KilnSubject) subject = database ? kiln_subject_open(invocation, invocation->arguments[1], error) : NULL;
	g_autoptr(KilnScanResult) result = subject ? kiln_scanning_run(invocation, invocation->arguments[1], subject, database, NULL, NULL, error) : NULL;
	if (!result)
		return code;
	return add_statements(invocation, subject, result, draft, error) ? KILN_EXIT_CLEAN : KILN_EXIT_ERROR;
}

static const struct {
	const char *word;
	int (*run)(KilnInvocation *invocation, GError **error);
} actions[] = { { "lint", lint }, { "add", add } };
static const char *const action_words[] = { "lint", "add", NULL };

static int run(KilnInvocation *invocation, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(actions); i++)
		if (strcmp(invocation->arguments[0], actions[i].word) == 0)
			return actions[i].run(invocation, error);
	g_autofree char *hint = kiln_text_suggest(invocation->arguments[0], action_words, "it may be");
	kiln_fail(error, KILN_ERROR_SYNTAX, "kiln vex: unknown word \"%s\"; %s", invocation->arguments[0], hint);
	return KILN_EXIT_ERROR;
}

static const char *const formats[] = { "openvex", "csaf", "table", "json", NULL };

static const KilnOption options[] = {
	{ .name = "format", .kind = KILN_OPTION_STRING, .value = "FORMAT", .words = formats, .complete = KILN_COMPLETE_WORDS, .help = "add: openvex (else) or csaf" },
	{ .name = "output", .letter = 'o', .kind = KILN_OPTION_LIST, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "add: write it there, not to stdout" },
	{ .name = "image", .kind = KILN_OPTION_STRING, .value = "IMAGE", .complete = KILN_COMPLETE_IMAGE, .help = "lint: what the statements decide about it" },
	{ .name = "status", .kind = KILN_OPTION_STRING, .value = "WORD", .help = "add: not_affected, affected, fixed or more" },
	{ .name = "justification", .kind = KILN_OPTION_STRING, .value = "WORD", .help = "add: why it is not affected" },
	{ .name = "impact", .kind = KILN_OPTION_STRING, .value = "TEXT", .help = "add: the same in words" },
	{ .name = "action", .kind = KILN_OPTION_STRING, .value = "TEXT", .help = "add: what to do when it is affected" },
	{ .name = "author", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "add: who says so" },
	{ .name = "package", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "add: for this package of the image only" },
	KILN_SCANNING_OPTIONS,
	{ .name = NULL },
};

const KilnCommand kiln_cmd_vex = {
	.name = "vex",
	.group = "look",
	.summary = "statements: what is weak about them, and new ones",
	.arguments = "lint FILE...|add IMAGE VULNERABILITY",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "lint reads statements (OpenVEX, CSAF, CycloneDX) and says what is weak about each: a product without version, no justification, expired; with --image it says how "
	               "many findings each decides about, and why when it is none.\n\n"
	               "add writes a statement about a vulnerability that kiln finds in the image, as OpenVEX or CSAF: the product is the image by its digest, the package a part of it.\n\n"
	               "Exit codes: 0, 1 when lint has something to say, 3 when there is no database.",
	.example = "$ kiln vex lint --image nginx vex.json\n"
	           "$ kiln vex add nginx CVE-2026-1234 --status not_affected \\\n    --justification vulnerable_code_not_in_execute_path -o vex.json\n",
	.arguments_min = 2,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_WORDS,
	.argument_words = action_words,
};
