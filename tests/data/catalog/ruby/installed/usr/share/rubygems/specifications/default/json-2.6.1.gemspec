# stub: json 2.6.1 ruby lib
