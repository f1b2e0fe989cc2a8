# SPDX-License-Identifier: Apache-2.0
# What RubyGems says of versions and requirements. Lines in: check V, order A B, range V RANGE, tab-separated; a word out for each.
require 'rubygems'

# RubyGems before 3.6 counts zeros before later letters, "1.a.0.b"; of versions where that matters it has no opinion.
OUTDATED = Gem::Version.new('1.a.0.b') != Gem::Version.new('1.a.b')

def outdated?(words)
  OUTDATED && words.join(' ').scan(/[0-9A-Za-z.-]+/).any? do |version|
    written = version.gsub('-', '.pre.')
    zeros = written.index(/(?<=\.|\A)[0.]+(?=[a-zA-Z])/)
    zeros && zeros > written.index(/[a-zA-Z]/)
  end
end

STDIN.each_line(chomp: true) do |line|
  task, *words = line.split("\t", -1)
  begin
    next puts('?') if task != 'check' && outdated?(words)

    puts case task
         when 'check' then Gem::Version.correct?(words[0]) ? 1 : 0
         when 'order' then Gem::Version.new(words[0]) <=> Gem::Version.new(words[1])
         else Gem::Requirement.new(*words[1].split(',', -1)).satisfied_by?(Gem::Version.new(words[0])) ? 1 : 0
         end
  rescue ArgumentError
    puts '!'
  end
end
