/* SPDX-License-Identifier: Apache-2.0 */
/* Check.java: what Java applications ask of their image: trust, TLS, regular expressions, charsets, time zones, other processes. */
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.ZoneId;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

public class Check {
	private static final char[] PASSWORD = "changeit".toCharArray();

	/* The authorities that Java trusts when nobody says otherwise: /etc/ssl/certs/java/cacerts. */
	private static void trust() throws Exception {
		TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		factory.init((KeyStore) null);
		X509Certificate[] issuers = ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers();
		if (issuers.length < 100)
			throw new Exception("only " + issuers.length + " authorities are trusted");
		KeyStore store = KeyStore.getInstance(Path.of(System.getProperty("java.home"), "lib/security/cacerts").toFile(), PASSWORD);
		if (store.size() != issuers.length || !store.containsAlias("debian:isrg_root_x1.pem"))
			throw new Exception("the store has " + store.size() + " entries of " + issuers.length);
		System.out.println("trust ok");
	}

	/* keytool as another process: it makes a key, in a store that this process then serves with. */
	private static KeyStore makeKey() throws Exception {
		Path file = Files.createTempDirectory("check").resolve("key.p12");
		Process keytool = new ProcessBuilder("/usr/bin/keytool", "-genkeypair", "-alias", "key", "-keyalg", "EC", "-dname", "CN=localhost", "-validity", "1",
			"-storetype", "PKCS12", "-storepass", "changeit", "-keystore", file.toString()).redirectErrorStream(true).start();
		String output = new String(keytool.getInputStream().readAllBytes());
		if (keytool.waitFor() != 0)
			throw new Exception("keytool: " + output);
		System.out.println("process ok");
		return KeyStore.getInstance(file.toFile(), PASSWORD);
	}

	private static void tls() throws Exception {
		KeyStore store = makeKey();
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		keys.init(store, PASSWORD);
		trust.init(store);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
		SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0);
		CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> {
			try (SSLSocket peer = (SSLSocket) server.accept(); InputStream in = peer.getInputStream()) {
				return new String(in.readNBytes(5));
			} catch (Exception error) {
				return error.toString();
			}
		});
		try (SSLSocket client = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.getLocalPort()); OutputStream out = client.getOutputStream()) {
			out.write("hello".getBytes());
			out.flush();
			if (!said.get().equals("hello"))
				throw new Exception("the server heard " + said.get());
			System.out.println("tls ok " + client.getSession().getProtocol());
		}
	}

	private static void text() throws Exception {
		Matcher matcher = Pattern.compile("(?<year>\\d{4})-(?<month>\\p{Digit}{2})\\b", Pattern.UNICODE_CHARACTER_CLASS).matcher("on 2026-08-21");
		if (!matcher.find() || !matcher.group("year").equals("2026"))
			throw new Exception("the pattern does not match");
		if (!new String("日本".getBytes(Charset.forName("Shift_JIS")), Charset.forName("Shift_JIS")).equals("日本") || !Charset.defaultCharset().name().equals("UTF-8"))
			throw new Exception("charsets");
		if (!ZoneId.of("Europe/Berlin").getRules().isFixedOffset())
			System.out.println("text ok");
	}

	public static void main(String[] arguments) throws Exception {
		trust();
		tls();
		text();
	}
}
