/* SPDX-License-Identifier: Apache-2.0 */
/* subordinate.c: ranges of ids that /etc/subuid and /etc/subgid give to a user. Source: subuid(5). */
#include "base/limits.h"
#include "base/text.h"
#include "io/file.h"
#include "run/runtime.h"

#include <fcntl.h>

static gboolean names_user(KilnText text, const char *user_name, guint uid)
{
	guint64 number;
	return (user_name && kiln_text_is(text, user_name)) || (kiln_text_to_u64(text, &number) && number == uid);
}

static void find_range(const char *path, const char *user_name, guint uid, guint *start, guint *count)
{
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, KILN_LIMIT_ACCOUNT_FILE_BYTES, NULL);
	KilnText rest = { bytes ? g_bytes_get_data(bytes, NULL) : NULL, bytes ? g_bytes_get_size(bytes) : 0 };
	while (rest.length) {
		guint64 first, size;
		KilnText line = kiln_text_cut(&rest, '\n');
		KilnText who = kiln_text_cut(&line, ':'), begin = kiln_text_cut(&line, ':');
		if (!names_user(who, user_name, uid) || !kiln_text_to_u64(begin, &first) || !kiln_text_to_u64(kiln_text_strip(line), &size) ||
		    first == 0 || first + size > G_MAXUINT32 || size <= *count)
			continue;
		*start = (guint)first;
		*count = (guint)size;
	}
}

void kiln_subordinate_ids_find(const char *user_name, guint uid, KilnSubordinateIds *out)
{
	*out = (KilnSubordinateIds){ 0 };
	find_range("/etc/subuid", user_name, uid, &out->uid_start, &out->uid_count);
	find_range("/etc/subgid", user_name, uid, &out->gid_start, &out->gid_count);
}
