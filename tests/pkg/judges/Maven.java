// SPDX-License-Identifier: Apache-2.0

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.maven.artifact.versioning.ComparableVersion;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;

/** What Maven says of versions and ranges. Lines in: order A B, range V RANGE, tab-separated; a word out for each. */
public class Maven {
	private static String answer(String[] words) {
		if (words[0].equals("order"))
			return "" + Integer.signum(new ComparableVersion(words[1]).compareTo(new ComparableVersion(words[2])));
		try {
			return VersionRange.createFromVersionSpec(words[2]).containsVersion(new DefaultArtifactVersion(words[1])) ? "1" : "0";
		} catch (InvalidVersionSpecificationException error) {
			return "!";
		}
	}

	public static void main(String[] arguments) throws Exception {
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		StringBuilder out = new StringBuilder();
		for (String line = in.readLine(); line != null; line = in.readLine())
			out.append(answer(line.split("\t", -1))).append('\n');
		System.out.print(out);
	}
}
