/* SPDX-License-Identifier: Apache-2.0 */
/* reasons.c: the document in which an image keeps why each file is there, and why others are not. */
#include "build/evidence.h"
#include "base/clock.h"
#include "build/reason.h"

/* Functions that hand their argument to a shell. */
static const char *const shell_calls[] = { "popen", "system" };

static json_t *suites_of(const KilnLock *lock)
{
	json_t *array = json_array();
	char digest[KILN_DIGEST_TEXT_MAX], date[KILN_TIME_TEXT_MAX];
	for (guint i = 0; i < lock->suites->len; i++) {
		const KilnLockSuite *suite = lock->suites->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "archive", suite->archive);
		kiln_json_set_string(object, "suite", suite->suite);
		kiln_json_set_string(object, "inrelease", kiln_digest_print(&suite->inrelease, digest));
		kiln_json_set_string(object, "date", suite->date_unix_s > 0 ? kiln_time_print(suite->date_unix_s, date) : NULL);
		json_object_set_new(object, "signers", kiln_json_from_strv((const char *const *)suite->signers));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *packages_of(const KilnTree *tree)
{
	json_t *array = json_array();
	char digest[KILN_DIGEST_TEXT_MAX];
	for (gsize i = 0; i < tree->closure->package_count; i++) {
		const KilnLockPackage *package = tree->closure->packages[i].lock;
		json_t *object = json_object();
		kiln_json_set_string(object, "name", package->name);
		kiln_json_set_string(object, "version", package->version);
		kiln_json_set_string(object, "architecture", package->architecture);
		kiln_json_set_string(object, "digest", kiln_digest_print(&package->digest, digest));
		kiln_json_set_string(object, "filename", package->filename);
		kiln_json_set_integer(object, "suite", package->suite);
		if (tree->closure->packages[i].requested)
			json_object_set_new(object, "requested", json_true());
		json_array_append_new(array, object);
	}
	return array;
}

static void add_place(json_t *places, const char *key, const KilnRecipePlace *place)
{
	/* Where the recipe stands on the builder's disk is nobody's business, and would make evidence differ. */
	g_autofree char *base = place->file ? g_path_get_basename(place->file) : NULL;
	g_autofree char *text = g_strdup_printf("%s:%u", base ? base : "", place->line);
	if (base)
		kiln_json_set_string(places, key, text);
}

json_t *kiln_recipe_places(const KilnRecipe *recipe)
{
	json_t *places = json_object();
	GHashTableIter iterator;
	gpointer key, place;
	g_hash_table_iter_init(&iterator, recipe->places);
	while (g_hash_table_iter_next(&iterator, &key, &place))
		add_place(places, key, place);
	for (guint i = 0; i < recipe->files->len; i++) {
		g_autofree char *item = g_strdup_printf("files[%u]", i);
		add_place(places, item, &((const KilnRecipeFile *)recipe->files->pdata[i])->place);
	}
	return places;
}

static json_t *calls_of(const KilnTreeEntry *entry)
{
	const KilnElfFacts *elf = entry->node && entry->node->file ? entry->node->file->elf : NULL;
	json_t *calls = json_array();
	for (gsize i = 0; elf && elf->imports && i < G_N_ELEMENTS(shell_calls); i++)
		if (g_strv_contains((const char *const *)elf->imports, shell_calls[i]))
			json_array_append_new(calls, json_string(shell_calls[i]));
	return calls;
}

static json_t *kept_file(const KilnTreeEntry *entry)
{
	json_t *object = json_object();
	g_autoptr(json_t) calls = calls_of(entry);
	kiln_json_set_string(object, "path", entry->path);
	if (entry->package >= 0)
		kiln_json_set_integer(object, "package", entry->package);
	kiln_json_set_string(object, "rule", entry->edge.rule);
	kiln_json_set_string(object, "detail", entry->edge.detail);
	if (entry->edge.from)
		kiln_json_set_string(object, "from", entry->edge.from->path);
	if (entry->node && entry->node->made_by)
		kiln_json_set_string(object, "made-by", entry->node->made_by);
	if (entry->node && entry->type == KILN_FILE_REGULAR && kiln_node_is_program(entry->node))
		json_object_set_new(object, "program", json_true());
	if (json_array_size(calls))
		json_object_set(object, "calls", calls);
	return object;
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	return g_strcmp0((*(KilnNode *const *)a)->path, (*(KilnNode *const *)b)->path);
}

static json_t *left_out_of(const KilnTree *tree)
{
	json_t *array = json_array();
	g_autoptr(GPtrArray) nodes = g_ptr_array_new();
	for (guint i = 0; i < tree->closure->all->len; i++) {
		KilnNode *node = tree->closure->all->pdata[i];
		if (!node->kept && node->type != KILN_FILE_DIRECTORY && !kiln_tree_get(tree, node->path))
			g_ptr_array_add(nodes, node);
	}
	g_ptr_array_sort(nodes, by_path);
	for (guint i = 0; i < nodes->len; i++) {
		const KilnNode *node = nodes->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "path", node->path);
		if (node->package >= 0)
			kiln_json_set_integer(object, "package", node->package);
		kiln_json_set_string(object, "rule", node->left_out);
		kiln_json_set_string(object, "detail", node->left_out_detail);
		kiln_json_set_integer(object, "size", (gint64)node->size);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *kiln_reasons_document(const KilnEvidence *evidence)
{
	const KilnTree *tree = evidence->tree;
	json_t *document = json_object(), *files = json_array();
	kiln_json_set_integer(document, "version", 1);
	kiln_json_set_string(document, "recipe", evidence->recipe->name);
	kiln_json_set_integer(document, "slice-rules", KILN_SLICE_RULES_VERSION);
	json_object_set_new(document, "places", kiln_recipe_places(evidence->recipe));
	json_object_set_new(document, "suites", suites_of(evidence->lock));
	json_object_set_new(document, "packages", packages_of(tree));
	for (guint i = 0; i < tree->entries->len; i++)
		json_array_append_new(files, kept_file(tree->entries->pdata[i]));
	json_object_set_new(document, "files", files);
	json_object_set_new(document, "left-out", left_out_of(tree));
	return document;
}
