/* SPDX-License-Identifier: Apache-2.0 */
/* image_unpack.c: an image onto the disk. Every path that is opened is one of the tree, which has no symlink in it. */
#include "base/error.h"
#include "io/file.h"
#include "io/root.h"
#include "oci/image_apply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PRIVATE_MODE 0700 /* of directories until all is there */

typedef struct {
	const KilnContext *context;
	int root_fd;
	gboolean set_owners;
	const KilnTreeNode *directory; /* that directory_fd is, or NULL */
	int directory_fd;
	int file_fd; /* being written, or -1 */
	guint left_xattrs;
	char *left_xattr; /* the first of them, for the notice */
} Unpacking;

static gboolean fail_at(const KilnTreeNode *node, const char *what, GError **error)
{
	int saved = errno;
	g_autofree char *path = kiln_tree_node_path(node);
	return kiln_fail_errno(error, saved, "%s /%s", what, path);
}

/* The directory @node, kept open until another is asked for; borrowed. -1 on error. */
static int enter(Unpacking *unpacking, const KilnTreeNode *node, GError **error)
{
	if (unpacking->directory == node)
		return unpacking->directory_fd;
	g_autofree char *path = kiln_tree_node_path(node);
	int fd = kiln_root_open_strict(unpacking->root_fd, path, O_RDONLY | O_DIRECTORY, 0, error);
	if (fd < 0)
		return -1;
	kiln_fd_close(&unpacking->directory_fd);
	unpacking->directory_fd = fd;
	unpacking->directory = node;
	return fd;
}

static gboolean remove_node(const KilnTreeNode *node, gpointer user_data, GError **error)
{
	Unpacking *unpacking = user_data;
	int parent = enter(unpacking, node->parent, error);
	return parent >= 0 && kiln_remove_tree_at(parent, node->name, error);
}

static gboolean make_directory(const KilnTreeNode *node, gpointer user_data, GError **error)
{
	Unpacking *unpacking = user_data;
	int parent = node->parent ? enter(unpacking, node->parent, error) : unpacking->root_fd;
	if (parent < 0)
		return FALSE;
	/* It is there already where a layer only changes what it is like. */
	if (!node->parent || mkdirat(parent, node->name, PRIVATE_MODE) == 0 || errno == EEXIST)
		return TRUE;
	return fail_at(node, "cannot make directory", error);
}

static gboolean link_node(Unpacking *unpacking, const KilnTreeNode *node, const KilnTreeNode *target, GError **error)
{
	int entered = enter(unpacking, target->parent, error);
	g_auto(KilnFd) from = entered < 0 ? -1 : dup(entered);
	int parent = from < 0 ? -1 : enter(unpacking, node->parent, error);
	return parent >= 0 && (linkat(from, target->name, parent, node->name, 0) == 0 || fail_at(node, "cannot make hard link", error));
}

/* Of @name in the directory @at, or of @at itself when @name is "". */
static gboolean set_owner(const Unpacking *unpacking, const KilnTreeNode *node, int at, const char *name, GError **error)
{
	const KilnInode *inode = node->inode;
	if (!unpacking->set_owners)
		return TRUE;
	if (inode->uid >= G_MAXUINT32 || inode->gid >= G_MAXUINT32)
		return kiln_fail(error, KILN_ERROR_LIMIT, "\"%s\": its owner %" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT " is no id of Linux", node->name, inode->uid, inode->gid);
	return fchownat(at, name, (uid_t)inode->uid, (gid_t)inode->gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0 || fail_at(node, "cannot set the owner of", error);
}

static gboolean set_times(const KilnTreeNode *node, int at, const char *name, GError **error)
{
	struct timespec times[2] = { { .tv_sec = node->inode->mtime_s }, { .tv_sec = node->inode->mtime_s } };
	int result = *name ? utimensat(at, name, times, AT_SYMLINK_NOFOLLOW) : futimens(at, times);
	return result == 0 || fail_at(node, "cannot set the time of", error);
}

static gboolean is_settable(const Unpacking *unpacking, const char *name)
{
	if (strcmp(name, "security.capability") == 0)
		return unpacking->set_owners;
	return g_str_has_prefix(name, "user.") || g_str_has_prefix(name, "system.posix_acl_");
}

static void set_xattrs(Unpacking *unpacking, const KilnInode *inode, int fd)
{
	for (gsize i = 0; i < inode->xattr_count; i++) {
		const KilnXattr *xattr = &inode->xattrs[i];
		if (is_settable(unpacking, xattr->name) && fsetxattr(fd, xattr->name, xattr->value, xattr->length, 0) == 0)
			continue;
		if (unpacking->left_xattrs++ == 0)
			unpacking->left_xattr = g_strdup(xattr->name);
	}
}

/* The owner first, because it takes capabilities away; attributes before the mode, because access lists change it. */
static gboolean finish(Unpacking *unpacking, const KilnTreeNode *node, int fd, GError **error)
{
	const KilnInode *inode = node->inode;
	if (!set_owner(unpacking, node, fd, "", error))
		return FALSE;
	set_xattrs(unpacking, inode, fd);
	if (fchmod(fd, inode->mode) != 0)
		return fail_at(node, "cannot set the mode of", error);
	return inode->implied || set_times(node, fd, "", error);
}

static gboolean make_pipe(const Unpacking *unpacking, const KilnTreeNode *node, int parent, GError **error)
{
	if (mknodat(parent, node->name, S_IFIFO | 0600, 0) != 0)
		return fail_at(node, "cannot make pipe", error);
	if (!set_owner(unpacking, node, parent, node->name, error))
		return FALSE;
	return fchmodat(parent, node->name, node->inode->mode, 0) == 0 ? set_times(node, parent, node->name, error) : fail_at(node, "cannot set the mode of", error);
}

static gboolean make_symlink(const Unpacking *unpacking, const KilnTreeNode *node, int parent, GError **error)
{
	if (symlinkat(node->inode->link_target, parent, node->name) != 0)
		return fail_at(node, "cannot make symlink", error);
	return set_owner(unpacking, node, parent, node->name, error) && set_times(node, parent, node->name, error);
}

static gboolean begin(const KilnTreeNode *node, const KilnTreeNode *target, gpointer user_data, GError **error)
{
	Unpacking *unpacking = user_data;
	if (target)
		return link_node(unpacking, node, target, error);
	if (node->children)
		return make_directory(node, unpacking, error);
	int parent = enter(unpacking, node->parent, error);
	if (parent < 0)
		return FALSE;
	if (node->inode->type == KILN_FILE_SYMLINK)
		return make_symlink(unpacking, node, parent, error);
	if (node->inode->type == KILN_FILE_FIFO)
		return make_pipe(unpacking, node, parent, error);
	if (node->inode->type == KILN_FILE_REGULAR) {
		unpacking->file_fd = openat(parent, node->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		return unpacking->file_fd >= 0 || fail_at(node, "cannot make", error);
	}
	g_autofree char *path = kiln_tree_node_path(node);
	return kiln_fail(error, KILN_ERROR_DENIED, "/%s is a device: kiln makes none; a container gets its devices from its runtime", path);
}

/* A header of a few bytes may promise gibibytes of nothing; they become a hole again. */
static gboolean is_nothing(const guint8 *bytes, gsize length)
{
	return length > 0 && bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

static gboolean write_content(const void *bytes, gsize length, gpointer user_data, GError **error)
{
	const Unpacking *unpacking = user_data;
	const guint8 *at = bytes;
	if (is_nothing(bytes, length))
		return lseek(unpacking->file_fd, (off_t)length, SEEK_CUR) >= 0 || kiln_fail_errno(error, errno, "cannot write");
	while (length > 0) {
		ssize_t written = write(unpacking->file_fd, at, length);
		if (written < 0 && errno != EINTR)
			return kiln_fail_errno(error, errno, "cannot write");
		if (written > 0) {
			at += written;
			length -= (gsize)written;
		}
	}
	return TRUE;
}

static gboolean end(const KilnTreeNode *node, gpointer user_data, GError **error)
{
	Unpacking *unpacking = user_data;
	g_auto(KilnFd) fd = g_steal_fd(&unpacking->file_fd);
	if (ftruncate(fd, (off_t)node->inode->size) != 0) /* it may end in a hole */
		return fail_at(node, "cannot write", error);
	return finish(unpacking, node, fd, error);
}

/* Directories last and from the leaves up, so that nothing is written into one that has its mode and time. */
static gboolean finish_directory(Unpacking *unpacking, const KilnTreeNode *node, GError **error)
{
	g_autofree char *path = kiln_tree_node_path(node);
	g_auto(KilnFd) fd = kiln_root_open_strict(unpacking->root_fd, path, O_RDONLY | O_DIRECTORY, 0, error);
	return fd >= 0 && finish(unpacking, node, fd, error);
}

static gboolean finish_directories(Unpacking *unpacking, const KilnImageTree *tree, GError **error)
{
	g_autoptr(GPtrArray) nodes = kiln_image_tree_list(tree);
	for (guint i = nodes->len; i-- > 0;) {
		const KilnTreeNode *node = nodes->pdata[i];
		if (node->children && (node->parent || !node->inode->implied) && !finish_directory(unpacking, node, error))
			return FALSE;
	}
	return TRUE;
}

gboolean kiln_image_unpack(const KilnImage *image, const KilnContext *context, int root_fd, gboolean set_owners, GError **error)
{
	Unpacking unpacking = { .context = context, .root_fd = root_fd, .set_owners = set_owners, .directory_fd = -1, .file_fd = -1 };
	const KilnApplySink sink = { { remove_node, make_directory, &unpacking }, begin, write_content, end };
	g_autoptr(KilnImageTree) tree = kiln_image_apply(image, context, "unpack", &sink, error);
	gboolean good = tree && finish_directories(&unpacking, tree, error);
	if (good && unpacking.left_xattrs)
		kiln_context_notice(context, "%s: %u extended attributes were not set on disk, the first is %s", image->name, unpacking.left_xattrs, unpacking.left_xattr);
	kiln_fd_close(&unpacking.directory_fd);
	kiln_fd_close(&unpacking.file_fd);
	g_free(unpacking.left_xattr);
	return good;
}
