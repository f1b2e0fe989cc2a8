app/own.gemspec
# stub: own 1 ruby lib
