// SPDX-License-Identifier: Apache-2.0

// What golang.org/x/mod/semver says of versions. Lines in: check V, order A B, tab-separated; a word out for each.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func withV(version string) string {
	if strings.HasPrefix(version, "v") {
		return version
	}
	return "v" + version
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		words := strings.Split(in.Text(), "\t")
		switch {
		case strings.HasPrefix(words[1], "go") || strings.HasPrefix(words[len(words)-1], "go"):
			fmt.Fprintln(out, "?") // releases of Go itself are not its business
		case words[0] == "check" && semver.IsValid(withV(words[1])):
			fmt.Fprintln(out, 1)
		case words[0] == "check":
			fmt.Fprintln(out, 0)
		case semver.IsValid(withV(words[1])) && semver.IsValid(withV(words[2])):
			fmt.Fprintln(out, semver.Compare(withV(words[1]), withV(words[2])))
		default:
			fmt.Fprintln(out, "!")
		}
	}
}
