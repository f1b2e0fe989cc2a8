<?php
// SPDX-License-Identifier: Apache-2.0
// What Composer says of versions and constraints. Lines in: check V, order A B, range V RANGE, tab-separated; a word out for each.
// Branches without numbers have no order, so of these it only says whether they are equal.
use Composer\Semver\Constraint\Constraint;
use Composer\Semver\VersionParser;

if (!@include 'Composer/Semver/autoload.php') {
    exit(77);
}
$parser = new VersionParser();
try {
    $old = !$parser->normalize('20100102.1.1');
} catch (\UnexpectedValueException $error) {
    $old = true; // before 3.3.3, dates could not go on with two numbers
}
while (($line = fgets(STDIN)) !== false) {
    $words = explode("\t", rtrim($line, "\n"));
    $task = array_shift($words);
    if ($old && preg_match('/\d{4}[.:-]?\d\d/', implode(' ', $words))) {
        echo "?\n";
        continue;
    }
    try {
        $normal = $parser->normalize($words[0]);
        if ($task === 'check') {
            $answer = 1;
        } elseif ($task === 'order') {
            $other = $parser->normalize($words[1]);
            $branch = strpos($normal, 'dev-') === 0 || strpos($other, 'dev-') === 0;
            $answer = $branch ? ($normal === $other ? 0 : '?') : version_compare($normal, $other);
        } elseif (preg_match('/[^ ,]-[ ,]/', $words[1])) {
            $answer = '?'; // Composer takes what comes after a word's last hyphen for a part of the version
        } else {
            $answer = (int) $parser->parseConstraints($words[1])->matches(new Constraint('==', $normal));
        }
    } catch (\UnexpectedValueException $error) {
        $answer = $task === 'check' ? 0 : '!';
    }
    echo $answer, "\n";
}
