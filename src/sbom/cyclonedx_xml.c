/* SPDX-License-Identifier: Apache-2.0 */
/* cyclonedx_xml.c: the JSON form as XML. Source: CycloneDX 1.6 and 1.7 XML schemas: the same names, in the order of their sequences. */
#include "sbom/writers.h"

#include <string.h>

/* What elements hold, in the order in which the schema wants them; members that stand in no row are not written by kiln. */
static const char *const bom_order[] = { "metadata", "components", "dependencies", "compositions", NULL };
static const char *const metadata_order[] = { "timestamp", "lifecycles", "tools", "component", "properties", NULL };
static const char *const component_order[] = { "supplier", "publisher", "name", "version", "description", "hashes", "licenses", "copyright", "purl", "externalReferences", "properties",
	                                       "components", "evidence", NULL };

typedef struct {
	GString *out;
	guint depth;
} Xml;

static void indent(const Xml *xml)
{
	for (guint i = 0; i < xml->depth; i++)
		g_string_append(xml->out, "  ");
}

/* Control characters have no place in XML 1.0. */
static void put_escaped(GString *out, const char *text)
{
	g_autofree char *plain = g_strdup(text);
	for (char *at = plain; *at; at++)
		if ((guchar)*at < 0x20 && !strchr("\t\n\r", *at))
			*at = ' ';
	g_autofree char *escaped = g_markup_escape_text(plain, -1);
	g_string_append(out, escaped);
}

static void put_attribute(const Xml *xml, const char *name, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(xml->out, " %s=\"", name);
	put_escaped(xml->out, value);
	g_string_append_c(xml->out, '"');
}

static void put_leaf(const Xml *xml, const char *name, const char *attribute, const char *value_of_attribute, const char *text)
{
	indent(xml);
	g_string_append_printf(xml->out, "<%s", name);
	put_attribute(xml, attribute, value_of_attribute);
	g_string_append_c(xml->out, '>');
	put_escaped(xml->out, text);
	g_string_append_printf(xml->out, "</%s>\n", name);
}

static void open_element(Xml *xml, const char *name)
{
	indent(xml);
	g_string_append_printf(xml->out, "<%s>\n", name);
	xml->depth++;
}

static void close_element(Xml *xml, const char *name)
{
	xml->depth--;
	indent(xml);
	g_string_append_printf(xml->out, "</%s>\n", name);
}

static void put_licences(Xml *xml, const json_t *licences)
{
	const json_t *item;
	size_t i;
	open_element(xml, "licenses");
	json_array_foreach(licences, i, item) {
		const json_t *named = json_object_get(item, "license");
		const char *expression = kiln_json_string_or_null(item, "expression");
		if (expression) {
			put_leaf(xml, "expression", "acknowledgement", kiln_json_string_or_null(item, "acknowledgement"), expression);
			continue;
		}
		open_element(xml, "license");
		put_leaf(xml, "name", NULL, NULL, kiln_json_string_or_null(named, "name"));
		put_leaf(xml, "text", "content-type", "text/plain", kiln_json_string_or_null(json_object_get(named, "text"), "content"));
		close_element(xml, "license");
	}
	close_element(xml, "licenses");
}

static void put_component(Xml *xml, const json_t *component);

/* Lists whose items are leaves or components. */
static void put_list(Xml *xml, const char *key, const json_t *list)
{
	const json_t *item;
	size_t i;
	open_element(xml, key);
	json_array_foreach(list, i, item) {
		if (strcmp(key, "hashes") == 0) {
			put_leaf(xml, "hash", "alg", kiln_json_string_or_null(item, "alg"), kiln_json_string_or_null(item, "content"));
		} else if (strcmp(key, "properties") == 0) {
			put_leaf(xml, "property", "name", kiln_json_string_or_null(item, "name"), kiln_json_string_or_null(item, "value"));
		} else if (strcmp(key, "components") == 0) {
			put_component(xml, item);
		} else if (strcmp(key, "lifecycles") == 0) {
			open_element(xml, "lifecycle");
			put_leaf(xml, "phase", NULL, NULL, kiln_json_string_or_null(item, "phase"));
			close_element(xml, "lifecycle");
		} else if (strcmp(key, "externalReferences") == 0) {
			indent(xml);
			g_string_append(xml->out, "<reference");
			put_attribute(xml, "type", kiln_json_string_or_null(item, "type"));
			g_string_append(xml->out, ">\n");
			xml->depth++;
			put_leaf(xml, "url", NULL, NULL, kiln_json_string_or_null(item, "url"));
			close_element(xml, "reference");
		}
	}
	close_element(xml, key);
}

static void put_member(Xml *xml, const char *key, const json_t *value)
{
	if (json_is_string(value))
		put_leaf(xml, key, NULL, NULL, json_string_value(value));
	else if (strcmp(key, "licenses") == 0)
		put_licences(xml, value);
	else if (json_is_array(value))
		put_list(xml, key, value);
	else if (strcmp(key, "component") == 0)
		put_component(xml, value);
	else if (json_is_object(value)) {
		open_element(xml, key);
		const char *name;
		const json_t *member;
		json_object_foreach((json_t *)value, name, member)
			put_member(xml, name, member);
		close_element(xml, key);
	}
}

/* Files stand in packages and nothing in files: this goes two levels deep. */
static void put_component(Xml *xml, const json_t *component)
{
	indent(xml);
	g_string_append(xml->out, "<component");
	put_attribute(xml, "type", kiln_json_string_or_null(component, "type"));
	put_attribute(xml, "bom-ref", kiln_json_string_or_null(component, "bom-ref"));
	g_string_append(xml->out, ">\n");
	xml->depth++;
	for (gsize i = 0; component_order[i]; i++)
		if (json_object_get(component, component_order[i]))
			put_member(xml, component_order[i], json_object_get(component, component_order[i]));
	close_element(xml, "component");
}

static void put_dependencies(Xml *xml, const json_t *list)
{
	const json_t *item, *edge;
	size_t i, j;
	open_element(xml, "dependencies");
	json_array_foreach(list, i, item) {
		indent(xml);
		g_string_append(xml->out, "<dependency");
		put_attribute(xml, "ref", kiln_json_string_or_null(item, "ref"));
		g_string_append(xml->out, ">\n");
		xml->depth++;
		json_array_foreach(json_object_get(item, "dependsOn"), j, edge) {
			indent(xml);
			g_string_append(xml->out, "<dependency");
			put_attribute(xml, "ref", json_string_value(edge));
			g_string_append(xml->out, "/>\n");
		}
		close_element(xml, "dependency");
	}
	close_element(xml, "dependencies");
}

static void put_compositions(Xml *xml, const json_t *list)
{
	static const char *const kinds[] = { "assemblies", "dependencies" };
	static const char *const items[] = { "assembly", "dependency" };
	const json_t *item, *reference;
	size_t i, j;
	open_element(xml, "compositions");
	json_array_foreach(list, i, item) {
		open_element(xml, "composition");
		put_leaf(xml, "aggregate", NULL, NULL, kiln_json_string_or_null(item, "aggregate"));
		for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
			if (!json_object_get(item, kinds[kind]))
				continue;
			open_element(xml, kinds[kind]);
			json_array_foreach(json_object_get(item, kinds[kind]), j, reference) {
				indent(xml);
				g_string_append_printf(xml->out, "<%s", items[kind]);
				put_attribute(xml, "ref", json_string_value(reference));
				g_string_append(xml->out, "/>\n");
			}
			close_element(xml, kinds[kind]);
		}
		close_element(xml, "composition");
	}
	close_element(xml, "compositions");
}

static void put_metadata(Xml *xml, const json_t *metadata)
{
	open_element(xml, "metadata");
	for (gsize i = 0; metadata_order[i]; i++)
		if (json_object_get(metadata, metadata_order[i]))
			put_member(xml, metadata_order[i], json_object_get(metadata, metadata_order[i]));
	close_element(xml, "metadata");
}

GBytes *kiln_cyclonedx_xml(const json_t *bom)
{
	Xml xml = { g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), 0 };
	g_string_append_printf(xml.out, "<bom xmlns=\"http://cyclonedx.org/schema/bom/%s\"", kiln_json_string_or_null(bom, "specVersion"));
	put_attribute(&xml, "serialNumber", kiln_json_string_or_null(bom, "serialNumber"));
	g_string_append(xml.out, " version=\"1\">\n");
	xml.depth = 1;
	for (gsize i = 0; bom_order[i]; i++) {
		const json_t *value = json_object_get(bom, bom_order[i]);
		if (!value)
			continue;
		if (strcmp(bom_order[i], "metadata") == 0)
			put_metadata(&xml, value);
		else if (strcmp(bom_order[i], "dependencies") == 0)
			put_dependencies(&xml, value);
		else if (strcmp(bom_order[i], "compositions") == 0)
			put_compositions(&xml, value);
		else
			put_list(&xml, bom_order[i], value);
	}
	g_string_append(xml.out, "</bom>\n");
	return g_string_free_to_bytes(xml.out);
}
