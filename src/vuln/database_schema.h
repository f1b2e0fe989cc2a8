/* SPDX-License-Identifier: Apache-2.0 */
/* database_schema.h: the tables of the database. Internal to this module. Times are seconds since 1970, digests 32 bytes of SHA-256. */
#pragma once

#define DATABASE_TABLES                                                                                                                                   \
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"                                                                                   \
	"CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT UNIQUE, reader TEXT, origin TEXT, licence TEXT, digest BLOB, records INT, skipped INT, "   \
	" newest INT, fetched INT);"                                                                                                                      \
	"CREATE TABLE advisory(id INTEGER PRIMARY KEY, source INT, record TEXT, data TEXT);"                                                              \
	"CREATE TABLE name(name TEXT, advisory INT, PRIMARY KEY(name, advisory)) WITHOUT ROWID;"                                                          \
	"CREATE TABLE ecosystem(id INTEGER PRIMARY KEY, name TEXT UNIQUE);"                                                                               \
	"CREATE TABLE affected(ecosystem INT, package TEXT, advisory INT, number INT, data TEXT, PRIMARY KEY(ecosystem, package, advisory, number)) "     \
	" WITHOUT ROWID;"                                                                                                                                 \
	"CREATE TABLE coverage(ecosystem INT, source INT, PRIMARY KEY(ecosystem, source)) WITHOUT ROWID;"                                              \
	"CREATE INDEX affected_of ON affected(advisory);"                                                                                                 \
	"CREATE TABLE exploitation(cve TEXT PRIMARY KEY, exploited INT, ransomware INT, since INT, due INT, epss INT, percentile INT, epss_date INT) "    \
	" WITHOUT ROWID;"                                                                                                                                 \
	"CREATE TABLE end_of_life(product TEXT, cycle TEXT, support_ends INT, ends INT, ended INT, PRIMARY KEY(product, cycle)) WITHOUT ROWID;"
