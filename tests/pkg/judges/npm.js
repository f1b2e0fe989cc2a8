// SPDX-License-Identifier: Apache-2.0
// What npm's semver says of versions and ranges. Lines in: check V, order A B, range V RANGE, tab-separated; a word out for each.
// As "semver": versions without npm's own liberties. As "npm-audit": ranges that hold pre-releases.
'use strict';
const load = (places) => {
  for (const place of places) {
    try {
      return require(place);
    } catch (error) {
      continue;
    }
  }
  process.exit(77);
};
const semver = load(['/usr/lib/node_modules/npm/node_modules/semver', 'semver']);
const dialect = process.argv[2];
// Before 7.8, semver let build metadata into the bounds, and tilde and caret differed in the pre-releases that they held. Numbers after
// an x are refused in some places and not in others.
const old = semver.validRange('x.1') !== null;
const unsure = (range) => /[xX*]\.\d/.test(range) || (old && (/\+/.test(range) || (dialect === 'npm-audit' && /[~^]/.test(range))));
const strict = (version) => {
  if (dialect === 'semver' && !/^\d/.test(version)) {
    throw new TypeError('npm allows a v and blanks before the version, the specification does not');
  }
  return new semver.SemVer(version);
};
const tasks = {
  check: (version) => Number(Boolean(strict(version))),
  order: (a, b) => semver.compare(strict(a), strict(b)),
  range: (version, range) => {
    const options = { includePrerelease: dialect === 'npm-audit' };
    return unsure(range) ? '?' : Number(new semver.Range(range, options).test(new semver.SemVer(version, options)));
  },
};
const lines = require('fs').readFileSync(0, 'utf8').split('\n');
lines.pop();
process.stdout.write(lines.map((line) => {
  const [task, ...words] = line.split('\t');
  if (dialect === 'semver' && words.some((word) => /\d{16}/.test(word))) {
    return '?\n'; // JavaScript counts no further
  }
  try {
    return tasks[task](...words) + '\n';
  } catch (error) {
    if (task === 'range' && unsure(words[1])) {
      return '?\n';
    }
    return (task === 'check' ? '0' : '!') + '\n';
  }
}).join(''));
