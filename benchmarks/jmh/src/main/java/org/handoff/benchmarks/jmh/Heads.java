package org.handoff.benchmarks.jmh;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.handoff.http.internal.head.HeadScanner;
import org.handoff.http.internal.head.RequestParser;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.message.HeadReader;
import org.handoff.http.routing.MalformedRequestException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The head of a request: finding its end, decoding it, and both with all checks, as the monitor does. */
public class Heads extends Piece {

    /** What sends the request. */
    @Param({"wrk", "browser"})
    public String client;

    private byte[] head;
    private ByteBuf buffer;
    private final HeadScanner scanner = new HeadScanner(HttpLimits.LONGEST_REQUEST_LINE, HttpLimits.LONGEST_HEADER);
    private final List<Object> pieces = new ArrayList<>();

    /** Makes the request. */
    @Setup
    public void prepare() {
        String text = "GET /answers/small HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n";
        if (client.equals("browser")) {
            text += """
                    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
                    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
                    Accept-Language: en-US,en;q=0.5
                    Accept-Encoding: gzip, deflate, br, zstd
                    Connection: keep-alive
                    Cookie: session=0123456789abcdef0123456789abcdef; theme=dark
                    Upgrade-Insecure-Requests: 1
                    Sec-Fetch-Dest: document
                    Sec-Fetch-Mode: navigate
                    Sec-Fetch-Site: none
                    Priority: u=0, i
                    """.replace("\n", "\r\n");
        }
        head = (text + "\r\n").getBytes(StandardCharsets.US_ASCII);
        buffer = Unpooled.directBuffer(head.length).writeBytes(head);
    }

    /** Finds the end. */
    @Benchmark
    public boolean scan() throws MalformedRequestException {
        scanner.reset();
        return scanner.scan(buffer);
    }

    /** Decodes a head whose end is known. */
    @Benchmark
    public Object parse() throws MalformedRequestException {
        pieces.clear();
        new RequestParser(HttpLimits.LONGEST_REQUEST_LINE, HttpLimits.LONGEST_HEADER)
                .parse(buffer.readerIndex(0), pieces);
        return pieces.get(0);
    }

    /** Does all that routing needs. */
    @Benchmark
    public Object read() throws MalformedRequestException {
        return new HeadReader().read(head, head.length);
    }
}
