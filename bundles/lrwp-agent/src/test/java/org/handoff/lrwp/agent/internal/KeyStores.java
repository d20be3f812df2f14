package org.handoff.lrwp.agent.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;

/** Keys for TLS. */
final class KeyStores {

    static final char[] PASSWORD = "changeit".toCharArray();

    private KeyStores() {}

    /** Makes a key with a certificate that it has signed itself, which is what others trust too. */
    static String create(Path folder, String name) throws Exception {
        Path file = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-keystore",
                        file.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD)))
                .inheritIO()
                .start();
        assertEquals(0, keytool.waitFor());
        // The same file is another one's trust store, for which the certificate has to stand by itself too.
        KeyStore store = load(file.toString());
        store.setCertificateEntry(name + "-trusted", store.getCertificate(name));
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
        return file.toString();
    }

    static KeyStore load(String file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            store.load(in, PASSWORD);
        }
        return store;
    }
}
