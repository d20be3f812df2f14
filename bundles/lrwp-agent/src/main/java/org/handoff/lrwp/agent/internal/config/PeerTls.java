package org.handoff.lrwp.agent.internal.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

/**
 * TLS on the peer port, from PKCS #12 files. Read once: an update of the configuration reads changed files again.
 *
 * @param context makes the handlers of connections
 * @param source the file names and dates, by which a change is found
 */
public record PeerTls(SslContext context, String source) {

    /**
     * @return null if the configuration wants none
     * @throws IllegalArgumentException if a file cannot be used; the message names key and file, never a password
     */
    public static PeerTls of(LrwpConfig config) {
        if (!config.tls()) {
            return null;
        }
        String keys = config.tls_keystore().strip();
        String trusted = config.tls_truststore().strip();
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("tls.keystore is empty: name the PKCS #12 file with the key");
        }
        try {
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            String password = config.tls_keystore_password();
            own.init(load("tls.keystore", keys, password), password.toCharArray());
            SslContextBuilder builder = SslContextBuilder.forServer(own).sslProvider(SslProvider.JDK);
            if (!trusted.isEmpty()) {
                TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                others.init(load("tls.truststore", trusted, config.tls_truststore_password()));
                builder.trustManager(others).clientAuth(ClientAuth.REQUIRE);
            }
            return new PeerTls(
                    builder.build(),
                    keys
                            + '\n'
                            + modified(keys)
                            + '\n'
                            + trusted
                            + '\n'
                            + (trusted.isEmpty() ? "" : modified(trusted)));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "tls cannot be set up with tls.keystore = " + keys + ": " + e.getMessage(), e);
        }
    }

    private static KeyStore load(String key, String file, String password) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password.toCharArray());
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    key + " = " + file + ": not a PKCS #12 file that this password opens: " + e.getMessage(), e);
        }
    }

    private static String modified(String file) throws IOException {
        return Files.getLastModifiedTime(Path.of(file)).toString();
    }

    /** Only file names and dates, so that no password is printed. */
    @Override
    public String toString() {
        return "TLS";
    }
}
