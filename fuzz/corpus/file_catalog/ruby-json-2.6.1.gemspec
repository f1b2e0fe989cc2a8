usr/share/rubygems/specifications/default/json-2.6.1.gemspec
# stub: json 2.6.1 ruby lib
