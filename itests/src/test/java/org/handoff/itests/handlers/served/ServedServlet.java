package org.handoff.itests.handlers.served;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.handoff.itests.handlers.noise.Noise;
import org.osgi.service.component.annotations.Component;

/** What the tests' handlers for Java answer, as a servlet: {@code marks}, {@code large}, {@code gate}, and a sum. */
@Component(service = Servlet.class, property = "osgi.http.whiteboard.servlet.pattern=/served/*")
public class ServedServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    private final transient Noise noise = new Noise();

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (String.valueOf(request.getPathInfo())) {
            case "/marks" -> marks(request, response);
            case "/large" -> large(request, response);
            case "/gate" -> gate(request, response);
            case "/sum" -> {
                CRC32 crc = new CRC32();
                long length = request.getInputStream()
                        .transferTo(new CheckedOutputStream(OutputStream.nullOutputStream(), crc));
                response.getWriter().printf("%08x %d%n", crc.getValue(), length);
            }
            default -> {
                long length = request.getInputStream().readAllBytes().length;
                response.getWriter().print(process() + " got " + length);
            }
        }
    }

    private static String process() {
        return "worker process " + ProcessHandle.current().pid();
    }

    private static void note(String folder, String name) throws IOException {
        Files.writeString(
                Path.of(folder).resolve(Long.toString(ProcessHandle.current().pid())),
                name + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private static void marks(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String name = request.getQueryString();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        request.getInputStream().transferTo(body);
        note(
                request.getMethod().equals("POST")
                        ? body.toString(StandardCharsets.UTF_8)
                        : request.getHeader("X-Folder"),
                name);
        if (name.endsWith("0")) {
            try {
                Thread.sleep(3);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        response.getWriter().print(name + " " + process());
    }

    private static void gate(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try (Socket test = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(request.getQueryString()))) {
            test.getOutputStream().write((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII));
            test.getInputStream().readAllBytes();
        }
        response.getWriter().print(process() + " answered");
    }

    private void large(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String[] query = request.getQueryString().split(",");
        String folder = request.getHeader("X-Folder");
        note(folder, query[0]);
        int length = Integer.parseInt(query[2]);
        switch (query[1]) {
            case "whole" -> {
                byte[] body = noise.body(query[0], length);
                response.getOutputStream().write(body);
            }
            case "stream" -> noise.write(response.getOutputStream(), query[0], length);
            default -> {
                Path file = Files.createTempFile(Path.of(folder), "body", null);
                try (OutputStream out = Files.newOutputStream(file)) {
                    noise.write(out, query[0], length);
                }
                Files.copy(file, response.getOutputStream());
                Files.delete(file);
            }
        }
    }
}
