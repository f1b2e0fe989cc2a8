<?php
// SPDX-License-Identifier: Apache-2.0
// check.php: what PHP applications ask of their image: configuration, modules, character sets, time zones, TLS, sessions.
$failures = [];
function expect(bool $holds, string $what): void
{
	global $failures;
	if (!$holds)
		$failures[] = $what;
}

$enabled = ['ctype', 'exif', 'FFI', 'fileinfo', 'ftp', 'gettext', 'iconv', 'PDO', 'Phar', 'posix', 'readline', 'shmop', 'sockets', 'sysvmsg', 'tokenizer', 'Zend OPcache'];
expect(array_diff($enabled, get_loaded_extensions()) === [], 'modules: ' . implode(' ', array_diff($enabled, get_loaded_extensions())));
expect(php_ini_loaded_file() === '/etc/php/8.4/fpm/php.ini' && str_contains((string) php_ini_scanned_files(), '/10-opcache.ini'), 'ini files');
expect(ini_get('session.save_path') === '/var/lib/php/sessions', 'ini values');
expect(iconv('UTF-8', 'WINDOWS-1252', '€') === "\x80", 'character sets');
expect((new DateTime('2026-07-01 12:00', new DateTimeZone('Europe/Berlin')))->format('T P') === 'CEST +02:00', 'time zones');
expect(preg_match('/^\p{Lu}\w+$/u', 'Österreich') === 1 && mime_content_type(__FILE__) === 'text/x-php', 'patterns and file types');
$authorities = openssl_get_cert_locations()['default_cert_dir'];
$root = file_get_contents('/usr/share/ca-certificates/mozilla/ISRG_Root_X1.crt');
expect(count(glob("$authorities/*.0")) > 100 && openssl_x509_checkpurpose($root, X509_PURPOSE_ANY, [$authorities]) === true, 'certificate authorities');
session_start();
$_SESSION['count'] = 1;
expect(session_write_close() && file_put_contents('/tmp/check', 'x') === 1 && !@file_put_contents('/etc/check', 'x'), 'sessions and writable paths');
expect(posix_geteuid() === 65532, 'user');
header('Content-Type: text/plain');
echo $failures ? 'failed: ' . implode('; ', $failures) : 'all is well with ' . PHP_SAPI, "\n";
