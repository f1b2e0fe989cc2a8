/* SPDX-License-Identifier: Apache-2.0 */
/* progress.c: one line on the terminal while something takes time. */
#include "cli/progress.h"

#include "cli/render.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PHASES_MAX 16
#define REDRAW_US (100 * 1000)
#define SILENT_US (300 * 1000) /* what ends sooner shows nothing */
#define RATE_AFTER_MS 1000     /* before that a rate is noise */
#define WIDTH_DEFAULT 80
#define BAR_COLUMNS 20

typedef struct {
	char *name;
	gint64 begun_us, last_us;
	guint64 done, total;
	KilnUnit unit;
} Phase;

struct KilnProgressLine {
	GMutex mutex;
	int fd;
	gboolean verbose, colour, shown;
	gint64 begun_us, drawn_us;
	Phase phases[PHASES_MAX];
	guint phase_count;
};

KilnProgressLine *kiln_progress_line_new(int fd, gboolean verbose, gboolean colour)
{
	KilnProgressLine *line = g_new0(KilnProgressLine, 1);
	g_mutex_init(&line->mutex);
	line->fd = fd;
	line->verbose = verbose;
	line->colour = colour;
	line->begun_us = g_get_monotonic_time();
	return line;
}

static void forget_phases(KilnProgressLine *line)
{
	for (guint i = 0; i < line->phase_count; i++)
		g_free(line->phases[i].name);
	memset(line->phases, 0, sizeof line->phases);
	line->phase_count = 0;
}

void kiln_progress_line_free(KilnProgressLine *line)
{
	if (!line)
		return;
	forget_phases(line);
	g_mutex_clear(&line->mutex);
	g_free(line);
}

static char *amount_text(KilnUnit unit, guint64 amount)
{
	return unit == KILN_UNIT_BYTES ? kiln_size_text(amount) : kiln_count_text(amount);
}

static void append_bar(GString *text, const KilnProgress *progress)
{
	guint filled = (guint)((double)MIN(progress->done, progress->total) / (double)progress->total * BAR_COLUMNS);
	g_string_append(text, " [");
	for (guint i = 0; i < BAR_COLUMNS; i++)
		g_string_append_c(text, i < filled ? '=' : i == filled ? '>' : ' ');
	g_string_append_c(text, ']');
}

static void append_rate(GString *text, const KilnProgress *progress, guint64 elapsed_ms)
{
	if (elapsed_ms < RATE_AFTER_MS || progress->done == 0)
		return;
	double per_ms = (double)progress->done / (double)elapsed_ms;
	g_autofree char *rate = amount_text(progress->unit, (guint64)(per_ms * 1000));
	g_string_append_printf(text, "  %s/s", rate);
	if (progress->total > progress->done) {
		guint64 left_s = (guint64)((double)(progress->total - progress->done) / per_ms / 1000) + 1;
		g_autofree char *left = left_s < 60 ? g_strdup_printf("%" G_GUINT64_FORMAT " s", left_s) : kiln_duration_text(left_s * 1000);
		g_string_append_printf(text, "  %s left", left);
	}
}

char *kiln_progress_text(const KilnProgress *progress, guint64 elapsed_ms, guint width)
{
	g_autofree char *done = amount_text(progress->unit, progress->done);
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "%-8s", progress->phase);
	if (progress->total) {
		g_autofree char *total = amount_text(progress->unit, progress->total);
		append_bar(text, progress);
		g_string_append_printf(text, " %s of %s", done, total);
	} else {
		g_string_append_printf(text, " %s", done);
	}
	append_rate(text, progress, elapsed_ms);
	if (progress->item) {
		g_autofree char *item = kiln_printable(progress->item, FALSE);
		g_string_append_printf(text, "  %s", item);
	}
	/* Cut by characters: amounts are ASCII, and an item of wide ones only loses its end. */
	if (kiln_text_columns(text->str) > width) {
		char *end = text->str;
		for (guint columns = 0; *end; end = g_utf8_next_char(end)) {
			columns += g_unichar_iswide(g_utf8_get_char(end)) ? 2 : 1;
			if (columns > width)
				break;
		}
		g_string_truncate(text, (gsize)(end - text->str));
	}
	return g_string_free(text, FALSE);
}

static void write_all(int fd, const char *text)
{
	gsize length = strlen(text);
	while (length) {
		gssize written = write(fd, text, length);
		if (written <= 0)
			return; /* nobody is there to be told */
		text += written;
		length -= (gsize)written;
	}
}

static void erase(KilnProgressLine *line)
{
	if (line->shown)
		write_all(line->fd, "\r\033[K");
	line->shown = FALSE;
}

static void draw(KilnProgressLine *line, const Phase *phase, const char *item, gint64 now_us)
{
	struct winsize size = { 0 };
	guint width = ioctl(line->fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : WIDTH_DEFAULT;
	const KilnProgress progress = { phase->name, item, phase->done, phase->total, phase->unit };
	g_autofree char *text = kiln_progress_text(&progress, (guint64)(now_us - phase->begun_us) / 1000, width - 1);
	g_autofree char *drawn = g_strconcat("\r\033[K", kiln_style(line->colour, KILN_STYLE_DIM), text,
	                                     kiln_style(line->colour, KILN_STYLE_PLAIN), NULL);
	write_all(line->fd, drawn);
	line->shown = TRUE;
	line->drawn_us = now_us;
}

/* The phase of that name, added when it is new; NULL when there are too many. */
static Phase *find_phase(KilnProgressLine *line, const KilnProgress *progress, gint64 now_us)
{
	for (guint i = 0; i < line->phase_count; i++)
		if (strcmp(line->phases[i].name, progress->phase) == 0)
			return &line->phases[i];
	if (line->phase_count == PHASES_MAX)
		return NULL;
	Phase *phase = &line->phases[line->phase_count++];
	phase->name = g_strdup(progress->phase);
	phase->begun_us = now_us;
	return phase;
}

static gboolean phase_is_over(const Phase *phase)
{
	return phase->total && phase->done >= phase->total;
}

void kiln_progress_line_update(const KilnProgress *progress, gpointer user_data)
{
	KilnProgressLine *line = user_data;
	gint64 now_us = g_get_monotonic_time();
	g_mutex_lock(&line->mutex);
	Phase *phase = find_phase(line, progress, now_us);
	if (phase) {
		phase->done = progress->done;
		phase->total = progress->total;
		phase->unit = progress->unit;
		phase->last_us = now_us;
	}
	/* Of phases that run side by side the one that began first is shown: it is what the others wait for. */
	gboolean first = phase != NULL;
	for (guint i = 0; phase && i < line->phase_count && &line->phases[i] != phase; i++)
		if (!phase_is_over(&line->phases[i]) && line->phases[i].total && now_us - line->phases[i].last_us < SILENT_US)
			first = FALSE;
	if (phase && phase_is_over(phase) && first)
		erase(line);
	else if (first && line->fd >= 0 && now_us - line->drawn_us >= REDRAW_US && now_us - line->begun_us >= SILENT_US)
		draw(line, phase, progress->item, now_us);
	g_mutex_unlock(&line->mutex);
}

void kiln_progress_line_clear(KilnProgressLine *line)
{
	g_mutex_lock(&line->mutex);
	erase(line);
	g_mutex_unlock(&line->mutex);
}

void kiln_progress_line_end(KilnProgressLine *line)
{
	g_mutex_lock(&line->mutex);
	erase(line);
	for (guint i = 0; line->verbose && i < line->phase_count; i++) {
		const Phase *phase = &line->phases[i];
		g_autofree char *done = amount_text(phase->unit, phase->done);
		g_autofree char *took = kiln_duration_text((guint64)(phase->last_us - phase->begun_us) / 1000);
		g_autofree char *text = g_strdup_printf("%s: %s in %s\n", phase->name, done, took);
		write_all(STDERR_FILENO, text);
	}
	forget_phases(line);
	g_mutex_unlock(&line->mutex);
}
