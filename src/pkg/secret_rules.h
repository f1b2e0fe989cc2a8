/* SPDX-License-Identifier: Apache-2.0 */
/* secret_rules.h: what secrets look like, and where what looks like one is none. Data of catalog_secret.c alone.
 *
 * A row: what it is called, a text that stands in every one of them, a regular expression that begins at or before that text on its line.
 * Sources: each service's own description of its tokens' format; RFC 7468 and PROTOCOL.key of OpenSSH for keys; shadow(5).
 */
#pragma once

typedef struct {
	const char *what, *literal, *pattern;
	const char *file; /* only in files of that name; NULL: in any */
} SecretRule;

#define BASE64 "[A-Za-z0-9+/=]"
#define WORD "[A-Za-z0-9_-]"

static const SecretRule secret_rules[] = {
	{ "a private key of OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----(?:\\r?\\n|\\\\n)" BASE64 "{40,}", NULL },
	{ "a private key of OpenPGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----[\\s\\S]{0,400}?" BASE64 "{40,}", NULL },
	{ "an encrypted private key", "-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----BEGIN ENCRYPTED PRIVATE KEY-----(?:\\r?\\n|\\\\n)" BASE64 "{40,}", NULL },
	{ "a private key", "PRIVATE KEY-----", "-----BEGIN (?:RSA |EC |DSA )?PRIVATE KEY-----(?:\\r?\\n|\\\\n)(?:[A-Za-z-]+: [^\\n]*\\r?\\n)*(?:\\r?\\n)?" BASE64 "{40,}", NULL },
	{ "an access key of AWS", "AKIA", "\\bAKIA[A-Z2-7]{16}\\b", NULL },
	{ "a secret access key of AWS", "aws_secret_access_key", "aws_secret_access_key[\"']?\\s*[=:]\\s*[\"']?" BASE64 "{40}(?!" BASE64 ")", NULL },
	{ "a secret access key of AWS", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY[\"']?\\s*[=:]\\s*[\"']?" BASE64 "{40}(?!" BASE64 ")", NULL },
	{ "a token of GitHub", "ghp_", "\\bghp_[A-Za-z0-9]{36}\\b", NULL },
	{ "a token of GitHub", "gho_", "\\bgho_[A-Za-z0-9]{36}\\b", NULL },
	{ "a token of GitHub", "ghs_", "\\bghs_[A-Za-z0-9]{36}\\b", NULL },
	{ "a token of GitHub", "ghr_", "\\bghr_[A-Za-z0-9]{36}\\b", NULL },
	{ "a token of GitHub", "github_pat_", "\\bgithub_pat_[A-Za-z0-9_]{82}\\b", NULL },
	{ "a token of GitLab", "glpat-", "\\bglpat-" WORD "{20,}", NULL },
	{ "a token of Slack", "xox", "\\bxox[baprs]-[0-9]{8,}-[0-9A-Za-z-]{8,}", NULL },
	{ "a webhook of Slack", "hooks.slack.com/services/", "hooks\\.slack\\.com/services/T[A-Z0-9]{7,}/B[A-Z0-9]{7,}/[A-Za-z0-9]{20,}", NULL },
	{ "an API key of Google", "AIza", "\\bAIza" WORD "{35}(?!" WORD ")", NULL },
	{ "a key of Stripe", "sk_live_", "\\bsk_live_[A-Za-z0-9]{24,}", NULL },
	{ "a key of Stripe", "rk_live_", "\\brk_live_[A-Za-z0-9]{24,}", NULL },
	{ "a token of npm", "npm_", "\\bnpm_[A-Za-z0-9]{36}\\b", NULL },
	{ "a token of a registry of npm", "_authToken=", "_authToken=[^$\\s\"'][^\\s\"']{15,}", ".npmrc" },
	{ "a token of PyPI", "pypi-AgEIcHlwaS5vcmc", "pypi-AgEIcHlwaS5vcmc" WORD "{50,}", NULL },
	{ "a key of SendGrid", "SG.", "\\bSG\\." WORD "{22}\\." WORD "{43}", NULL },
	{ "a key of Anthropic", "sk-ant-", "\\bsk-ant-[a-z0-9]+-" WORD "{80,}", NULL },
	{ "a key of OpenAI", "sk-proj-", "\\bsk-proj-" WORD "{40,}", NULL },
	{ "a token of Hugging Face", "hf_", "\\bhf_[A-Za-z]{34}\\b", NULL },
	{ "a token of Vault", "hvs.", "\\bhvs\\." WORD "{90,}", NULL },
	{ "a key of Azure Storage", "AccountKey=", "AccountKey=[A-Za-z0-9+/]{86}==", NULL },
	{ "a JSON Web Token", "eyJ", "\\beyJ" WORD "{15,}\\.eyJ" WORD "{15,}\\." WORD "{20,}", NULL },
	{ "the login of a registry", "\"auth\"", "\"auth\"\\s*:\\s*\"" BASE64 "{8,}\"", "config.json" },
	{ "the login of a registry", "\"auth\"", "\"auth\"\\s*:\\s*\"" BASE64 "{8,}\"", ".dockercfg" },
	{ "a password in an address", "://", "[a-z+]+://[^\\s/:@]+:[^\\s/@]+@\\S", ".git-credentials" },
	{ "a password", "password", "(?s)machine\\s+\\S+.*?password\\s+\\S+", ".netrc" },
	{ "a password", ":", "(?m)^[^#\\s:][^\\s:]*:[^:\\n]*:[^:\\n]*:[^:\\n]*:[^\\n]+", ".pgpass" },
	{ "a password's hash", ":$", "(?m)^[^:\\n]+:\\$[0-9a-z]+\\$[^:\\n]{8,}:", "shadow" },
};

/* Below these is what packages and languages bring: keys there are examples and tests. */
static const char *const secret_allowed_trees[] = {
	"usr/share/", "usr/lib/", "usr/include/", "usr/lib32/", "usr/lib64/", "usr/libexec/", "lib/", "lib64/", "var/lib/dpkg/", "var/lib/apt/", "var/cache/", "proc/", "sys/", NULL,
};
/* And below directories of these names anywhere. */
static const char *const secret_allowed_directories[] = {
	"/node_modules/", "/site-packages/", "/dist-packages/", "/vendor/", "/gems/", "/testdata/", "/test/", "/tests/", NULL,
};
/* Texts that say of themselves that they are none. Source: AWS documentation, RFC 7519. */
static const char *const secret_allowed_texts[] = {
	"EXAMPLE", "example", "xxxxxxxx", "XXXXXXXX", "00000000000000000000", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9l", NULL,
};
