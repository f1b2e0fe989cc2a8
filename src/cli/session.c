/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: one run of the program: what a command gets, made from words, variables, settings and the machine. */
#include "cli/session.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/render.h"
#include "io/file.h"
#include "source/archive.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static KilnSession *session_of(const KilnInvocation *invocation)
{
	return invocation->session;
}

static const GPtrArray *values_of(const KilnInvocation *invocation, const char *name)
{
	return g_hash_table_lookup(session_of(invocation)->arguments->values, name);
}

const char *kiln_option_string(const KilnInvocation *invocation, const char *name)
{
	const GPtrArray *values = values_of(invocation, name);
	return values ? values->pdata[0] : NULL;
}

const char *const *kiln_option_list(const KilnInvocation *invocation, const char *name)
{
	static const char *const none[] = { NULL };
	const GPtrArray *values = values_of(invocation, name);
	return values ? (const char *const *)values->pdata : none;
}

gboolean kiln_option_flag(const KilnInvocation *invocation, const char *name)
{
	return g_strcmp0(kiln_option_string(invocation, name), "true") == 0;
}

gboolean kiln_option_number(const KilnInvocation *invocation, const char *name, guint64 *out)
{
	const char *text = kiln_option_string(invocation, name);
	return text && kiln_text_to_u64(kiln_text(text), out);
}

void kiln_output_begin(KilnInvocation *invocation)
{
	kiln_progress_line_end(session_of(invocation)->progress);
}

static void on_progress(const KilnProgress *progress, gpointer user_data)
{
	KilnSession *session = user_data;
	kiln_progress_line_update(progress, session->progress);
}

static void on_notice(const char *text, gpointer user_data)
{
	KilnSession *session = user_data;
	if (session->invocation.quiet)
		return;
	kiln_progress_line_clear(session->progress);
	kiln_message_note(text, session->colour_errors);
}

static void set_up_terminal(KilnSession *session)
{
	KilnInvocation *invocation = &session->invocation;
	struct winsize size = { 0 };
	gboolean coloured = !kiln_option_flag(invocation, "no-color");
	gboolean shown = isatty(STDERR_FILENO) && !invocation->quiet && !kiln_option_flag(invocation, "no-progress");
	invocation->colour = coloured && kiln_message_colour(STDOUT_FILENO);
	session->colour_errors = coloured && kiln_message_colour(STDERR_FILENO);
	if (isatty(STDOUT_FILENO))
		invocation->width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
	session->progress = kiln_progress_line_new(shown ? STDERR_FILENO : -1, invocation->verbose, session->colour_errors);
}

static void set_up_context(KilnSession *session)
{
	KilnInvocation *invocation = &session->invocation;
	guint64 jobs = 0;
	session->cancellable = g_cancellable_new();
	kiln_interrupt_watch(session->cancellable);
	if (!kiln_option_number(invocation, "jobs", &jobs) || jobs == 0)
		jobs = g_get_num_processors();
	invocation->context = (KilnContext){
		.now_unix_s = g_get_real_time() / G_USEC_PER_SEC,
		.jobs = (guint)CLAMP(jobs, 1, 256),
		.offline = kiln_option_flag(invocation, "offline"),
		.cancellable = session->cancellable,
		.on_progress = on_progress,
		.on_notice = on_notice,
		.user_data = session,
	};
}

static gboolean open_store(KilnSession *session, GError **error)
{
	KilnInvocation *invocation = &session->invocation;
	const char *store = kiln_option_string(invocation, "store"), *cache = kiln_option_string(invocation, "cache-dir");
	g_autofree char *own_store = g_build_filename(g_get_user_data_dir(), "kiln", NULL);
	g_autofree char *own_cache = g_build_filename(g_get_user_cache_dir(), "kiln", NULL);
	store = store ? store : own_store;
	cache = cache ? cache : own_cache;
	invocation->store = kiln_store_open(store, cache, error);
	if (!invocation->store) {
		g_prefix_error(error, "store or cache cannot be used; --store and --cache-dir name other places: ");
		return FALSE;
	}
	invocation->solver = kiln_solver_new();
	invocation->run_path = g_build_filename(cache, "run", NULL);
	invocation->images_path = g_build_filename(store, "images", NULL);
	return TRUE;
}

KilnSession *kiln_session_new(KilnArguments *arguments, GError **error)
{
	g_autoptr(KilnSession) session = g_new0(KilnSession, 1);
	KilnInvocation *invocation = &session->invocation;
	session->arguments = arguments;
	invocation->session = session;
	invocation->command = arguments->command;
	invocation->arguments = arguments->arguments;
	invocation->rest = arguments->rest;
	if (arguments->command->needs & KILN_NEED_NO_SETTINGS)
		session->settings = kiln_settings_parse("", 0, "no settings", error);
	else
		session->settings = kiln_settings_load(kiln_option_string(invocation, "config"), error);
	if (!session->settings || !kiln_settings_complete(session->settings, arguments->command, arguments->values, error))
		return NULL;
	invocation->json = g_strcmp0(kiln_option_string(invocation, "format"), "json") == 0;
	invocation->quiet = kiln_option_flag(invocation, "quiet");
	invocation->verbose = kiln_option_flag(invocation, "verbose");
	set_up_terminal(session);
	set_up_context(session);
	if ((arguments->command->needs & KILN_NEED_STORE) && !open_store(session, error))
		return NULL;
	return g_steal_pointer(&session);
}

void kiln_session_free(KilnSession *session)
{
	if (!session)
		return;
	if (session->progress)
		kiln_progress_line_clear(session->progress);
	kiln_solver_free(session->invocation.solver);
	kiln_store_close(session->invocation.store);
	g_free(session->invocation.images_path);
	g_free(session->invocation.run_path);
	kiln_progress_line_free(session->progress);
	g_clear_object(&session->cancellable);
	g_clear_pointer(&session->sources, g_ptr_array_unref);
	g_clear_pointer(&session->apt, g_ptr_array_unref);
	kiln_settings_free(session->settings);
	kiln_arguments_free(session->arguments);
	g_free(session);
}

gboolean kiln_invocation_sources(KilnInvocation *invocation, GPtrArray **sources, GError **error)
{
	KilnSession *session = session_of(invocation);
	if (!session->sources) {
		g_auto(KilnFd) root = kiln_directory_open_at(AT_FDCWD, "/", error);
		if (root < 0 || !kiln_apt_sources_read(root, &session->apt, error))
			return FALSE;
		session->sources = g_ptr_array_new(); /* of records that settings and apt own */
		g_ptr_array_extend(session->sources, session->settings->sources, NULL, NULL);
		g_ptr_array_extend(session->sources, session->apt, NULL, NULL);
	}
	*sources = session->sources;
	return TRUE;
}
