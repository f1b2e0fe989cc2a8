# SPDX-License-Identifier: Apache-2.0
# What dpkg's Perl library says of versions. Lines in: check V, order A B, tab-separated; a word out for each.
use strict;
use warnings;
eval "use Dpkg::Version; 1" or exit 77;
while (<STDIN>) {
	chomp;
	my ($task, $version, $other) = split /\t/, $_, -1;
	my ($well_formed) = version_check($version);
	($well_formed) = version_check($other) if $well_formed && defined $other;
	$well_formed = 0 if grep { defined && /^\d+:$/ } $version, $other; # dpkg itself refuses these
	if (grep { defined && /\d{19}/ } $version, $other) {
		print "?\n"; # Perl counts no further
	} elsif ($task eq "check") {
		print $well_formed ? 1 : 0, "\n";
	} else {
		print $well_formed ? version_compare($version, $other) <=> 0 : "!", "\n";
	}
}
