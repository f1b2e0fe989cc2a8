var/lib/gems/3.1.0/specifications/nokogiri-1.15.4-x86_64-linux.gemspec
# -*- encoding: utf-8 -*-
# stub: nokogiri 1.15.4 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
  s.version = "1.15.4"
  s.licenses = ["MIT".freeze, "Ruby".freeze]
  s.homepage = "https://example.org".freeze
end
