package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** The responses that the monitor gives itself: short, plain, and without a word about what is behind them. */
final class Answer {

    private Answer() {
    }

    /** A whole response. @param retryAfter in seconds; for 503 only */
    static byte[] of(int status, int retryAfter, boolean keepAlive, boolean withBody) {
        return of(status, retryAfter, keepAlive, status + " " + reason(status) + "\n", withBody);
    }

    /** A whole response to a request that may be a HEAD request or not: right for both. */
    static byte[] toUnknownRequest(int status, int retryAfter) {
        return of(status, retryAfter, false, "", true);
    }

    private static byte[] of(int status, int retryAfter, boolean keepAlive, String body, boolean withBody) {
        String text = "HTTP/1.1 " + status + " " + reason(status) + "\r\n"
                + "Date: " + DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)) + "\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: " + body.length() + "\r\n"
                + (status == 503 ? "Retry-After: " + retryAfter + "\r\n" : "")
                + (keepAlive ? "" : "Connection: close\r\n")
                + "\r\n"
                + (withBody ? body : "");
        return text.getBytes(US_ASCII);
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 408 -> "Request Timeout";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            default -> "Error";
        };
    }
}
