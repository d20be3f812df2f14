package org.handoff.itests.files;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.handoff.testkit.Ports;

/** An nginx that serves a folder at {@code /static/}, to compare answers with. */
final class Nginx implements AutoCloseable {

    private final Process process;
    final int port = Ports.free();

    /** @param own a folder for its own files @param served the folder that it serves */
    Nginx(Path own, Path served) throws IOException {
        Path configuration = Files.writeString(own.resolve("nginx.conf"), """
                daemon off;
                master_process off;
                user root;
                pid %1$s/nginx.pid;
                error_log stderr;
                events {}
                http {
                    access_log off;
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    default_type application/octet-stream;
                    absolute_redirect off;
                    # By default it compares dates for equality.
                    if_modified_since before;
                    server {
                        listen 127.0.0.1:%2$d;
                        location /static/ {
                            alias %3$s/;
                        }
                    }
                }
                """.formatted(own, port, served));
        process = new ProcessBuilder(
                        "/usr/sbin/nginx", "-p", own.toString(), "-e", "stderr", "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(own.resolve("printed").toFile())
                .start();
        try {
            Await.await("nginx", () -> {
                if (!process.isAlive()) {
                    throw new IOException(Files.readString(own.resolve("printed")));
                }
                try (Socket probe = new Socket("127.0.0.1", port)) {
                    return probe.isConnected();
                } catch (IOException e) {
                    return false;
                }
            });
        } catch (Throwable e) {
            process.destroyForcibly();
            throw e;
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
