-- SPDX-License-Identifier: Apache-2.0
-- What rpm says of versions, run by rpm --eval. Lines in: order A B, tab-separated; a word out for each.
for line in io.lines() do
	local a, b = line:match("^order\t([^\t]*)\t([^\t]*)$")
	io.stdout:write(rpm.vercmp(a, b), "\n")
end
