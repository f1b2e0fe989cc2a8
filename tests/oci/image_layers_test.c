/* SPDX-License-Identifier: Apache-2.0 */
/* image_layers_test.c: layers laid over one another: as expected, as umoci unpacks them, and as the kernel's overlayfs shows them. */
#include "image_fixture.h"
#include "oci/layer_facts.h"

#include <stdio.h>

enum { BY_UMOCI = 1, BY_OVERLAY = 2, BY_BOTH = 3 };

static const struct {
	const char *name;
	const char *layers[5];
	const char *shows;
	guint judges;
} cases[] = {
	{ "one layer", { "d usr; d usr/bin 700; f usr/bin/a text 4755; l bin usr/bin; p pipe; f empty" },
	  "l bin usr/bin; f empty; p pipe; d usr; d usr/bin; f usr/bin/a text", BY_BOTH },
	{ "directories that nobody describes", { "f a/b/c x" }, "d a; d a/b; f a/b/c x", BY_BOTH },
	{ "a file is replaced", { "f a old 600; f b kept", "f a new 755" }, "f a new; f b kept", BY_BOTH },
	{ "a directory gets another mode", { "d a 700; f a/b x", "d a 1777" }, "d a; f a/b x", BY_BOTH },
	{ "a directory gets more files", { "d a; f a/b x", "d a; f a/c y" }, "d a; f a/b x; f a/c y", BY_BOTH },
	{ "whiteout of a file", { "d a; f a/b x; f a/c y", "d a; f a/.wh.b" }, "d a; f a/c y", BY_BOTH },
	{ "whiteout of a directory", { "d a; d a/b; f a/b/c x", "d a; f a/.wh.b" }, "d a", BY_BOTH },
	{ "whiteout of a link hides the link", { "d a; f a/b x; l s a", "f .wh.s" }, "d a; f a/b x", BY_BOTH },
	{ "whiteout of nothing", { "d a; f a/c x", "d a; f a/.wh.b" }, "d a; f a/c x", BY_BOTH },
	{ "whiteout where nothing is", { "", "f a/.wh.b" }, "d a", 0 }, /* umoci makes no directory for it, overlayfs has one in which the whiteout itself is seen */
	{ "whiteout does not touch its own layer", { "d a; f a/b old", "d a; f a/b new; f a/.wh.b" }, "d a; f a/b new", BY_UMOCI },
	{ "whiteout and then again", { "f a old", "f .wh.a", "f a new" }, "f a new", BY_BOTH },
	{ "opaque directory", { "d a; f a/b x; d a/c; f a/c/d y", "d a; f a/.wh..wh..opq; f a/e z" }, "d a; f a/e z", BY_BOTH },
	{ "opaque directory, marked last", { "d a; f a/b x; d a/c; f a/c/d y", "d a; d a/c; f a/c/e z; f a/.wh..wh..opq" }, "d a; d a/c; f a/c/e z", BY_BOTH },
	{ "opaque root", { "d a; f b x", "f .wh..wh..opq; f c y" }, "f c y", BY_UMOCI },
	{ "opaque hides two layers, not the third", { "f a/b 1", "f a/c 2", "f a/.wh..wh..opq; f a/d 3", "f a/e 4" }, "d a; f a/d 3; f a/e 4", BY_BOTH },
	{ "directory becomes file", { "d a; f a/b x", "f a y" }, "f a y", BY_BOTH },
	{ "file becomes directory", { "f a x", "d a; f a/b y" }, "d a; f a/b y", BY_BOTH },
	{ "file becomes directory that nobody describes", { "f a x", "f a/b y" }, "d a; f a/b y", BY_OVERLAY },
	{ "directory becomes link", { "d a; f a/b x; d c; f c/d y", "l a c" }, "l a c; d c; f c/d y", BY_BOTH },
	{ "link becomes directory", { "d c; f c/d y; l a c", "d a; f a/b x" }, "d a; f a/b x; d c; f c/d y", BY_BOTH },
	{ "link becomes file", { "f c x; l a c", "f a y" }, "f a y; f c x", BY_BOTH },
	{ "file is removed and comes back as directory", { "f a x", "f .wh.a", "d a; f a/b y" }, "d a; f a/b y", BY_BOTH },
	{ "hard links", { "f a x 600; h b a; d c; h c/d b" }, "f a x; h b a; d c; h c/d a", BY_BOTH },
	{ "hard link outlives its target", { "f a x; h b a; h c a", "f .wh.a" }, "f b x; h c b", BY_BOTH },
	{ "target of a hard link is replaced", { "f a x; h b a", "f a y" }, "f a y; f b x", BY_BOTH },
	{ "hard link to a file of a lower layer", { "f a x", "h b a" }, "f a x; h b a", BY_UMOCI },
	{ "hard link to a link", { "f a x; l s a; h t s" }, "f a x; l s a; h t s", BY_BOTH },
	{ "hard link replaces a file", { "f a x; f b y; h b a" }, "f a x; h b a", BY_BOTH },
	{ "a path twice in one layer", { "f a old; f a new" }, "f a new", BY_BOTH },
	{ "through a link of a lower layer", { "d usr; d usr/lib; l lib usr/lib", "f lib/x text" }, "l lib usr/lib; d usr; d usr/lib; f usr/lib/x text", BY_UMOCI },
	{ "whiteout through a link", { "d usr; d usr/lib; f usr/lib/x text; l lib usr/lib", "f lib/.wh.x" }, "l lib usr/lib; d usr; d usr/lib", BY_UMOCI },
	{ "opaque through a link", { "d usr; f usr/x text; l u usr", "f u/.wh..wh..opq; f u/y new" }, "l u usr; d usr; f usr/y new", BY_UMOCI },
	{ "through an absolute link", { "d a; l b /a", "f b/x text" }, "d a; f a/x text; l b /a", BY_UMOCI },
	{ "a link that climbs stays inside", { "d a; l a/up ../../..", "f a/up/x text" }, "d a; l a/up ../../..; f x text", BY_UMOCI },
	{ "through a link to nothing", { "l a b/c", "f a/x text" }, "l a b/c; d b; d b/c; f b/c/x text", BY_UMOCI },
	{ "through links of links", { "d a; l b a; l c b", "f c/x text" }, "d a; f a/x text; l b a; l c b", BY_UMOCI },
	{ "a hard link's target through a link", { "d a; f a/x text; l b a; h y b/x" }, "d a; f a/x text; l b a; h y a/x", BY_BOTH },
	{ "absolute names are below the root", { "f /a x; f ./b y; h c /a" }, "f a x; f b y; h c a", BY_BOTH },
	{ "metadata of aufs is none of the image", { "d .wh..wh.plnk; f .wh..wh.plnk/1.2 x; f .wh..wh.aufs; f a x" }, "f a x", 0 },
	{ "layers without entries", { "", "f a x", "" }, "f a x", BY_BOTH },
	{ "the root itself", { "d ./ 700; f a x" }, "f a x", BY_BOTH },
	{ "names that sort around the slash", { "d a; f a/b 1; f a-b 2; f a0 3; f a.b 4" }, "d a; f a-b 2; f a.b 4; f a/b 1; f a0 3", BY_BOTH },
};

static const char *letter(KilnFileType type)
{
	static const char *const letters[] = { "f", "d", "l", "h", "c", "b", "p" };
	return letters[type];
}

static char *describe(const KilnImage *image)
{
	g_autoptr(GPtrArray) files = NULL;
	g_autoptr(GError) error = NULL;
	GString *text = g_string_new(NULL);
	if (!kiln_image_read_files(image, &fixture_context, &files, &error))
		fail_msg("%s", error->message);
	for (guint i = 0; i < files->len; i++) {
		const KilnImageFile *file = files->pdata[i];
		g_string_append_printf(text, "%s%s %s", i ? "; " : "", letter(file->type), file->path);
		if (file->link_target)
			g_string_append_printf(text, " %s", file->link_target);
		if (file->type != KILN_FILE_REGULAR || file->size == 0)
			continue;
		/* The contents of these tests are short words: the one with this digest. */
		static const char *const words[] = { "text", "x", "y", "z", "old", "new", "kept", "1", "2", "3", "4" };
		const char *found = "?";
		for (gsize j = 0; j < G_N_ELEMENTS(words); j++) {
			KilnDigest digest;
			kiln_hash_bytes(words[j], strlen(words[j]), &digest);
			if (kiln_digest_equal(&digest, &file->digest) && strlen(words[j]) == file->size)
				found = words[j];
		}
		g_string_append_printf(text, " %s", found);
	}
	return g_string_free(text, FALSE);
}

static void shows_what_is_expected(void **state)
{
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = g_strdup_printf("case%" G_GSIZE_FORMAT, i);
		fixture_layers(layout, name, "amd64", cases[i].layers, NULL);
		g_autoptr(KilnImage) image = fixture_open(*state, name);
		g_autofree char *shown = describe(image);
		if (strcmp(shown, cases[i].shows) != 0)
			fail_msg("%s: %s", cases[i].name, shown);
	}
}

/* Everything that can be seen of a tree: kind, mode, owner, target, the first path to the same file, time (implied directories have none), content. */
#define LIST "(cd $1; find . -mindepth 1 ! -type d -printf '%P %y %m %U:%G %l %i %Ts\\n' | LC_ALL=C sort | " \
             "awk '{ file = $(NF-1); if (!(file in first)) first[file] = $1; $(NF-1) = first[file]; print }'; " \
             "find . -mindepth 1 -type d -printf '%P d %m %U:%G\\n'; find . -type f -exec sha256sum {} +) | LC_ALL=C sort"

static void unpack(const Scratch *scratch, const char *name, const char *into)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnImage) image = fixture_open(scratch, name);
	g_auto(KilnFd) fd = kiln_directory_make_at(scratch->fd, into, 0755, &error);
	if (!kiln_image_unpack(image, &fixture_context, fd, geteuid() == 0, &error))
		fail_msg("%s: %s", name, error->message);
}

static void judge(const Scratch *scratch, guint which, const char *script)
{
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		if (!(cases[i].judges & which))
			continue;
		g_autofree char *name = g_strdup_printf("case%" G_GSIZE_FORMAT, i), *into = g_strconcat("kiln-", name, NULL);
		fixture_layers(layout, name, "amd64", cases[i].layers, NULL);
		unpack(scratch, name, into);
		g_autofree char *ours = scratch_run(scratch, LIST, into), *theirs = scratch_run(scratch, script, name);
		if (!theirs || strcmp(ours, theirs) != 0)
			fail_msg("%s:\nkiln:\n%sjudge:\n%s", cases[i].name, ours, theirs ? theirs : "(failed)\n");
	}
}

static void unpacks_as_umoci(void **state)
{
	if (!scratch_has("umoci")) {
		print_message("# umoci is not installed\n");
		skip();
	}
	judge(*state, BY_UMOCI,
	      "rootless=; [ $(id -u) = 0 ] || rootless=--rootless; umoci --log=error unpack $rootless --image layout:$1 umoci-$1 >&2; set -- umoci-$1/rootfs; " LIST);
}

/* Each layer becomes a directory as a container engine makes it, and the kernel lays them over one another. */
#define OVERLAY \
	"python3 - $1 >&2 <<'END'\n" \
	"import gzip, json, os, subprocess, sys\n" \
	"name, blobs = sys.argv[1], 'layout/blobs/sha256/'\n" \
	"entry = next(m for m in json.load(open('layout/index.json'))['manifests'] if m['annotations']['org.opencontainers.image.ref.name'] == name)\n" \
	"layers = json.load(open(blobs + entry['digest'][7:]))['layers']\n" \
	"lower = []\n" \
	"for number, layer in enumerate(layers):\n" \
	"    directory = f'{name}-{number}'\n" \
	"    os.mkdir(directory)\n" \
	"    subprocess.run(['tar', '-xpf', blobs + layer['digest'][7:], '-C', directory, {'gzip': '-z', 'zstd': '--zstd'}.get(layer['mediaType'].split('+')[-1], '-p')], check=True, stderr=subprocess.DEVNULL)\n" \
	"    for root, directories, files in os.walk(directory):\n" \
	"        for file in files:\n" \
	"            if file == '.wh..wh..opq':\n" \
	"                os.remove(os.path.join(root, file))\n" \
	"                os.setxattr(root, 'trusted.overlay.opaque', b'y')\n" \
	"            elif file.startswith('.wh.'):\n" \
	"                os.remove(os.path.join(root, file))\n" \
	"                os.mknod(os.path.join(root, file[4:]), 0o20000)\n" \
	"    lower.insert(0, directory)\n" \
	"os.mkdir(f'{name}-empty')\n" \
	"os.mkdir(f'{name}-merged')\n" \
	"subprocess.run(['mount', '-t', 'overlay', 'overlay', '-o', 'ro,lowerdir=' + ':'.join(lower + [f'{name}-empty']), f'{name}-merged'], check=True)\n" \
	"END\n" \
	"result=$(set -- $1-merged; " LIST "); umount $1-merged; printf '%s\\n' \"$result\""

static void unpacks_as_overlayfs(void **state)
{
	g_autofree char *can = scratch_run(*state, "mkdir l m e && mount -t overlay overlay -o ro,lowerdir=l:e m && umount m && command -v zstd python3", NULL);
	if (!can) {
		print_message("# mounting overlayfs needs root (and this test zstd and python3)\n");
		skip();
	}
	judge(*state, BY_OVERLAY, OVERLAY);
}

static guint choose(const KilnSeenFile *file, gpointer user_data)
{
	g_string_append_printf(user_data, "%s ", file->path);
	return g_str_has_prefix(file->path, "keep/") ? KILN_LAYER_KEEP : g_str_has_prefix(file->path, "note/") ? KILN_LAYER_NOTE : 0;
}

/* How long it is, and its first letter. */
static GBytes *note(const KilnSeenFile *file, KilnText content, gpointer user_data)
{
	g_autofree char *text = g_strdup_printf("%" G_GSIZE_FORMAT "%c", content.length, content.length ? content.data[0] : '-');
	return content.length ? g_bytes_new(text, strlen(text)) : NULL;
}

static void append_bytes(GString *text, const char *path, char sign, GBytes *bytes)
{
	if (bytes)
		g_string_append_printf(text, "%s%c%.*s ", path, sign, (int)g_bytes_get_size(bytes), (const char *)g_bytes_get_data(bytes, NULL));
}

static GBytes *facts_of(const KilnImage *image, guint layer, GString *asked)
{
	const KilnLayerReading reading = { choose, note, asked };
	g_autoptr(GError) error = NULL;
	g_auto(KilnFd) fd = kiln_image_open_layer(image, layer, &error);
	GBytes *facts = kiln_layer_facts_read_bytes(fd, image->manifest->items->pdata[layer], &image->config->diff_ids[layer], &reading, &fixture_context, &error);
	if (!facts)
		fail_msg("%s", error->message);
	return facts;
}

/* What readers keep of a file follows it: through whiteouts, hard links, and to where it ends up. */
static void keeps_content(void **state)
{
	static const char *const layers[] = { "d keep; f keep/a old; f keep/b x; f other y; f note/n text; f note/empty; h link keep/b; l through keep", "f keep/a new; f keep/.wh.b; f through/c", NULL };
	static const char *const expected = "keep/a=new link=x note/n:4t ";
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_autoptr(GString) asked = g_string_new(NULL), found = g_string_new(NULL);
	fixture_layers(layout, "x", "amd64", layers, NULL);
	g_autoptr(KilnImage) image = fixture_open(*state, "x");
	g_autoptr(GBytes) first = facts_of(image, 0, asked), second = facts_of(image, 1, asked);
	GBytes *const facts[] = { first, second };
	g_autoptr(GPtrArray) files = kiln_layer_facts_apply(facts, 2, NULL), listed = NULL;
	assert_true(kiln_image_read_files(image, &fixture_context, &listed, NULL));
	assert_int_equal(files->len, listed->len);
	assert_string_equal(asked->str, "keep/a keep/b other note/n note/empty keep/a keep/.wh.b through/c ");
	for (guint i = 0; i < files->len; i++) {
		const KilnImageFile *file = files->pdata[i], *other = listed->pdata[i];
		assert_string_equal(file->path, other->path);
		assert_true(kiln_digest_equal(&file->digest, &other->digest));
		append_bytes(found, file->path, '=', file->content);
		append_bytes(found, file->path, ':', file->note);
	}
	assert_string_equal(found->str, expected);
}

/* Facts that were cut or changed are refused, or give a tree as any layer could. */
static void refuses_damaged_facts(void **state)
{
	static const char *const layers[] = { "d keep; f keep/a old; f note/n text; h link keep/a; l through keep", NULL };
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_autoptr(GString) asked = g_string_new(NULL);
	fixture_layers(layout, "x", "amd64", layers, NULL);
	g_autoptr(KilnImage) image = fixture_open(*state, "x");
	g_autoptr(GBytes) whole = facts_of(image, 0, asked);
	gsize length;
	const guint8 *bytes = g_bytes_get_data(whole, &length);
	for (gsize i = 0; i < length; i++) {
		g_autofree guint8 *changed = g_memdup2(bytes, length);
		changed[i] ^= 0x41;
		g_autoptr(GBytes) cut = g_bytes_new(bytes, i), other = g_bytes_new(changed, length);
		g_autoptr(GError) error = NULL;
		assert_null(kiln_layer_facts_apply(&cut, 1, &error));
		assert_non_null(error);
		GPtrArray *files = kiln_layer_facts_apply(&other, 1, NULL);
		if (files)
			g_ptr_array_unref(files);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(shows_what_is_expected), scratch_test(keeps_content), scratch_test(refuses_damaged_facts), scratch_test(unpacks_as_umoci), scratch_test(unpacks_as_overlayfs) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
