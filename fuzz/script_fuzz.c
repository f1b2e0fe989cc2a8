/* SPDX-License-Identifier: Apache-2.0 */
/* script_fuzz.c: hostile maintainer scripts: whatever they say, effects are well-formed and the class fits them. */
#include "build/script.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check_text(const char *text)
{
	if (text && strchr(text, '\001'))
		abort(); /* something that nobody knows was passed on as known */
}

static void check_effects(const GPtrArray *effects, gboolean paths_are_absolute)
{
	for (guint i = 0; i < effects->len; i++) {
		const KilnEffect *effect = effects->pdata[i];
		check_text(effect->path);
		check_text(effect->name);
		check_text(effect->text);
		check_text(effect->extra);
		if (paths_are_absolute && effect->path && effect->kind != KILN_EFFECT_USER && (*effect->path != '/' || strstr(effect->path, "//")))
			abort();
	}
}

static void check_script(const char *text, size_t length, const char *kind)
{
	g_autoptr(KilnScript) script = kiln_script_read(text, length, kind, "sample", "amd64");
	KilnScriptClass expected = script->unknown->len ? KILN_SCRIPT_NOT_UNDERSTOOD : script->effects->len ? KILN_SCRIPT_UNDERSTOOD : KILN_SCRIPT_HARMLESS;
	if (script->class != expected)
		abort();
	check_effects(script->effects, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(GPtrArray) effects = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_effect_free);
	g_autoptr(GPtrArray) unknown = g_ptr_array_new_with_free_func(g_free);
	const char *text = (const char *)bytes;
	check_script(text, length, "postinst");
	check_script(text, length, "preinst");
	if (length && memchr(bytes, '\001', length))
		return 0;
	kiln_script_read_sysusers(text, length, "/sample.conf", effects, unknown);
	kiln_script_read_tmpfiles(text, length, "/sample.conf", effects, unknown);
	check_effects(effects, FALSE);
	return 0;
}
