# stub: own 1 ruby lib
