/* SPDX-License-Identifier: Apache-2.0 */
/* version_gem.c: versions of Ruby gems. Source: Gem::Version of RubyGems, "How Versions Sort" and "Pre-Release" in its documentation.
 *
 * Segments are runs of digits and runs of letters; letters come before numbers, missing segments are zero. Zeros at the end of the whole
 * do not count, nor does the first run of zeros, in parts of their own, before letters; before RubyGems 3.6 that was only the run before
 * the first letters. "-" stands for ".pre.". */
#include "pkg/version_gem.h"
#include "pkg/version_internal.h"

typedef enum { PRE, WORD, NUMBER } Kind; /* PRE: the hyphen, read as the word "pre" */

typedef struct {
	KilnText text;
	Kind kind;
} Segment;

/* The next segment of @rest; FALSE at its end. */
static gboolean cut_segment(KilnText *rest, Segment *segment)
{
	while (rest->length && !g_ascii_isalnum(rest->data[0]) && rest->data[0] != '-')
		kiln_version_skip(rest, 1);
	if (rest->length == 0)
		return FALSE;
	if (rest->data[0] == '-') {
		*segment = (Segment){ KILN_TEXT("pre"), PRE };
		kiln_version_skip(rest, 1);
	} else if (g_ascii_isdigit(rest->data[0])) {
		*segment = (Segment){ kiln_version_cut_digits(rest), NUMBER };
	} else {
		*segment = (Segment){ kiln_version_cut_letters(rest), WORD };
	}
	return TRUE;
}

static gboolean is_zero(const Segment *segment)
{
	return segment->kind == NUMBER && kiln_version_compare_numbers(segment->text, (KilnText){ 0 }) == 0;
}

/* Walks the segments that count. */
typedef struct {
	KilnText rest;
	gsize zeros;         /* segments "0" still to be given before the rest */
	gboolean after_word; /* the segment given last is a word that is written out */
	gboolean left_out;   /* the one run of zeros before letters that does not count */
} Walk;

/* How many of @zeros before a word count. A zero that follows letters without a dot is no part of its own. */
static gsize count_zeros(Walk *walk, gsize zeros, gboolean attached)
{
	gsize counting = walk->left_out ? zeros : MIN(zeros, attached ? 1 : 0);
	walk->left_out |= counting < zeros;
	return counting;
}

static Segment next(Walk *walk)
{
	static const Segment none = { { "0", 1 }, NUMBER };
	if (walk->zeros) {
		walk->zeros--;
		return none;
	}
	Segment segment;
	gsize zeros = 0;
	KilnText rest = walk->rest;
	gboolean attached = walk->after_word && rest.length && g_ascii_isdigit(rest.data[0]);
	while (cut_segment(&rest, &segment) && is_zero(&segment))
		zeros++, walk->rest = rest;
	rest = walk->rest;
	if (!cut_segment(&rest, &segment))
		return none; /* also for ever after the end */
	if (segment.kind != NUMBER)
		zeros = count_zeros(walk, zeros, attached);
	walk->after_word = FALSE;
	if (zeros) {
		walk->zeros = zeros - 1;
		return none;
	}
	walk->rest = rest;
	walk->after_word = segment.kind == WORD;
	return segment;
}

static gboolean ended(const Walk *walk)
{
	KilnText rest = walk->rest;
	Segment segment;
	return walk->zeros == 0 && !cut_segment(&rest, &segment);
}

static int compare_gem(KilnText a, KilnText b)
{
	Walk walk_a = { .rest = a }, walk_b = { .rest = b };
	while (!ended(&walk_a) || !ended(&walk_b)) {
		Segment segment_a = next(&walk_a), segment_b = next(&walk_b);
		if ((segment_a.kind == NUMBER) != (segment_b.kind == NUMBER))
			return segment_a.kind == NUMBER ? 1 : -1;
		int difference = segment_a.kind == NUMBER ? kiln_version_compare_numbers(segment_a.text, segment_b.text)
		                                          : kiln_version_compare_bytes(segment_a.text, segment_b.text);
		if (difference)
			return difference;
	}
	return 0;
}

KilnText kiln_version_gem_release(KilnText version)
{
	KilnText rest = version, release = { version.data, 0 };
	Segment segment;
	while (cut_segment(&rest, &segment) && segment.kind == NUMBER)
		release.length = (gsize)(rest.data - version.data);
	return release;
}

/* Letters and digits, and @hyphens, in parts with dots between them, none empty. */
static gboolean are_parts(KilnText text, gboolean hyphens)
{
	gboolean more = TRUE;
	while (more) {
		more = text.length && memchr(text.data, '.', text.length);
		KilnText part = kiln_text_cut(&text, '.');
		for (gsize i = 0; i < part.length; i++)
			if (!g_ascii_isalnum(part.data[i]) && !(hyphens && part.data[i] == '-'))
				return FALSE;
		if (part.length == 0)
			return FALSE;
	}
	return TRUE;
}

/* number{.part}[-part{.part}], where the parts after the hyphen may hold further hyphens. */
static gboolean is_well_formed(KilnText version)
{
	gboolean hyphen = version.length && memchr(version.data, '-', version.length);
	KilnText head = kiln_text_cut(&version, '-'), after_number = head;
	gboolean number = kiln_version_cut_digits(&after_number).length && (after_number.length == 0 || after_number.data[0] == '.');
	return number && are_parts(head, FALSE) && (!hyphen || are_parts(version, TRUE));
}

static gboolean check_gem(KilnText version, GError **error)
{
	return kiln_version_check_length(version, error) &&
	       (is_well_formed(kiln_text_strip(version)) ||
	        kiln_version_refuse(error, version, "is not a number and then letters and digits with dots between them"));
}

const KilnVersionOrder kiln_version_order_gem = { "gem", compare_gem, check_gem };
