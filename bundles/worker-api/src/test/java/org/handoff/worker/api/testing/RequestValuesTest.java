package org.handoff.worker.api.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import org.handoff.worker.api.Cookie;
import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.MediaType;
import org.handoff.worker.api.Parameters;
import org.handoff.worker.api.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestValuesTest {

    private static final String FORM = "application/x-www-form-urlencoded";

    private static void assertStatus(int status, Executable refused) {
        assertEquals(status, assertThrows(HttpException.class, refused).status());
    }

    @Test
    void queryIsDecoded() {
        Parameters parameters = TestRequest.get("/?q=caf%C3%A9+au%20lait&tag=a&tag=b&&flag&=x&e=a=b%26")
                .build()
                .queryParameters();
        assertEquals("café au lait", parameters.required("q"));
        assertEquals(List.of("a", "b"), parameters.all("tag"));
        assertEquals(Optional.of(""), parameters.first("flag"));
        assertEquals(Optional.of("x"), parameters.first(""));
        assertEquals(Optional.of("a=b&"), parameters.first("e"));
        assertEquals(Optional.empty(), parameters.first("none"));
        assertEquals(List.of("q", "tag", "flag", "", "e"), List.copyOf(parameters.names()));
        assertStatus(400, () -> parameters.required("none"));
        assertEquals(OptionalLong.of(-3), Parameters.parse("n=-3").number("n"));
        assertEquals(OptionalLong.empty(), parameters.number("none"));
        assertStatus(400, () -> parameters.number("tag"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%4", "%4g", "a=%zz", "%C3", "a=%C3%28", "%ED%A0%80", "%F8%88%80%80%80", "%C0%AF"})
    void malformedEncodingIsRefused(String query) {
        assertStatus(400, () -> Parameters.parse(query));
    }

    @Test
    void numberOfParametersIsBounded() {
        assertEquals(1, Parameters.parse("a&".repeat(Parameters.MOST)).names().size());
        assertStatus(400, () -> Parameters.parse("a&".repeat(Parameters.MOST + 1)));
    }

    @Test
    void formIsDecoded() throws Exception {
        TestRequest form = TestRequest.post("/", "a=1&b=%F0%9F%98%80&c=😀".getBytes(StandardCharsets.UTF_8))
                .header("Content-Type", FORM + "; charset=utf-8")
                .build();
        Parameters parameters = form.formParameters();
        assertEquals("1", parameters.required("a"));
        assertEquals("😀", parameters.required("b"));
        assertEquals("😀", parameters.required("c"));
        TestRequest other = TestRequest.post("/", "a=1".getBytes(StandardCharsets.UTF_8))
                .header("Content-Type", "text/plain")
                .build();
        assertEquals(0, other.formParameters().names().size());
    }

    @Test
    void textIsBoundedAndOfItsCharset() throws Exception {
        byte[] most = new byte[Request.TEXT_LIMIT];
        assertEquals(most.length, TestRequest.post("/", most).build().text().length());
        byte[] more = new byte[Request.TEXT_LIMIT + 1];
        assertStatus(413, () -> TestRequest.post("/", more).build().text());
        byte[] latin = {(byte) 0xe9};
        assertStatus(400, () -> TestRequest.post("/", latin).build().text());
        TestRequest.Builder request = TestRequest.post("/", latin);
        assertEquals(
                "é",
                request.header("Content-Type", "text/plain; charset=\"ISO-8859-1\"")
                        .build()
                        .text());
        assertStatus(
                415,
                () -> TestRequest.post("/", latin)
                        .header("Content-Type", "text/plain; charset=klingon")
                        .build()
                        .text());
    }

    @Test
    void cookiesAreByName() {
        TestRequest request = TestRequest.get("/")
                .header("Cookie", "a=1; b=\"two\"; a=3; bad name=x; =y; c; d=a b; e=")
                .header("Cookie", "f=6")
                .build();
        assertEquals(Map.of("a", "1", "b", "two", "e", "", "f", "6"), request.cookies());
        assertEquals(Optional.of("1"), request.cookie("a"));
        assertEquals(Optional.empty(), request.cookie("c"));
    }

    @Test
    void responseSetsCookies() {
        TestResponse response = new TestResponse();
        response.cookie(Cookie.of("a", "1"))
                .cookie(Cookie.of("b", "2")
                        .path("/app")
                        .domain("example.org")
                        .maxAge(Duration.ofHours(1))
                        .secure()
                        .httpOnly()
                        .sameSite(Cookie.SameSite.STRICT));
        assertEquals(
                List.of("a=1", "b=2; Path=/app; Domain=example.org; Max-Age=3600; Secure; HttpOnly; SameSite=Strict"),
                response.headers().all("Set-Cookie"));
        for (String value : new String[] {"a b", "a;b", "a,b", "é", "\"a\"", "a\\b", "a\nb"}) {
            assertThrows(IllegalArgumentException.class, () -> Cookie.of("a", value));
        }
        assertThrows(IllegalArgumentException.class, () -> Cookie.of("a=b", ""));
        Cookie cookie = Cookie.of("a", "");
        assertThrows(IllegalArgumentException.class, () -> cookie.path("/; Secure"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/html | text/html",
                "Text/HTML;Charset=utf-8 | text/html; charset=utf-8",
                "text/html ; charset=\"utf-8\" ; | text/html; charset=utf-8",
                "text/x; a=\"b\\\"c d\" | text/x; a=\"b\\\"c d\"",
                "text/* | text/*"
            })
    void mediaTypesAreParsed(String text, String canonical) {
        assertEquals(canonical, MediaType.of(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text", "text/", "/html", "text/html x", "text/html; a", "text/html; a=\"b", "*/html"})
    void malformedMediaTypesAreRefused(String text) {
        assertEquals(Optional.empty(), MediaType.parse(text));
        TestRequest request = TestRequest.get("/").header("Content-Type", text).build();
        assertStatus(400, request::contentType);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "none | application/json",
                "text/html | text/html; charset=utf-8",
                "text/* | text/html; charset=utf-8",
                "*/* | application/json",
                "application/json;q=0.5, text/html;q=0.6 | text/html; charset=utf-8",
                "*/*;q=0.1, application/json;q=0 | text/html; charset=utf-8",
                "text/html;charset=utf-8, application/json | application/json",
                "image/png | none",
                "image/png, application/xml;q=x, */*;q=0 | none",
                "broken, text/html | text/html; charset=utf-8"
            })
    void clientsPreferenceIsFound(String accept, String expected) {
        TestRequest.Builder request = TestRequest.get("/");
        if (accept != null) {
            request.header("Accept", accept);
        }
        Optional<MediaType> preferred =
                request.build().preferred(MediaType.of("application/json"), MediaType.of("text/html; charset=utf-8"));
        assertEquals(Optional.ofNullable(expected), preferred.map(MediaType::toString));
    }

    @Test
    void redirectionsHaveALocation() {
        TestResponse response = new TestResponse();
        response.redirect("/there?a=b");
        assertEquals(303, response.status());
        assertEquals("/there?a=b", response.headers().first("Location").orElseThrow());
        TestResponse other = new TestResponse();
        assertThrows(IllegalArgumentException.class, () -> other.redirect(304, "/"));
        assertThrows(IllegalArgumentException.class, () -> other.redirect("/a b"));
        assertThrows(IllegalArgumentException.class, () -> other.redirect("/\r\nSet-Cookie: a=b"));
    }

    @Test
    void fileTypesAreByName() {
        assertEquals(
                "text/html; charset=utf-8", MediaType.ofFileName("Index.HTML").toString());
        assertEquals("application/octet-stream", MediaType.ofFileName("README").toString());
    }
}
