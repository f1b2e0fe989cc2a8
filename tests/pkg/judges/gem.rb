# SPDX-License-Identifier: Apache-2.0
# What RubyGems says of versions and requirements. Lines in: check V, order A B, range V RANGE, tab-separated; a word out for each.
require 'rubygems'

STDIN.each_line(chomp: true) do |line|
  task, *words = line.split("\t", -1)
  begin
    puts case task
         when 'check' then Gem::Version.correct?(words[0]) ? 1 : 0
         when 'order' then Gem::Version.new(words[0]) <=> Gem::Version.new(words[1])
         else Gem::Requirement.new(*words[1].split(',', -1)).satisfied_by?(Gem::Version.new(words[0])) ? 1 : 0
         end
  rescue ArgumentError
    puts '!'
  end
end
